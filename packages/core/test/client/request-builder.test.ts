import { describe, expect, test } from "vitest";
import type { ModelInfo, ResponseItem } from "@codex-ts/protocol";
import { compatibilityProfile } from "@codex-ts/core";
import { buildResponsesRequest } from "../../src/client/request-builder.ts";
import type { Prompt, RequestForm, RequestSettings } from "../../src/client/request-builder.ts";
import { testModel } from "../support/harness.ts";

const prompt: Prompt = {
  instructions: "Do.",
  input: [],
  tools: [{ type: "function", name: "t" }],
  parallelToolCalls: true,
};

const form: RequestForm = {
  profile: compatibilityProfile("0.140"),
  instructionsId: "msg_instructions",
  hasItemMetadata: false,
  hasAccessPrograms: false,
  wireItems: { plain: new WeakMap(), lite: new WeakMap() },
};

const build = (
  settings: Partial<RequestSettings> = {},
  model: Partial<ModelInfo> = {},
  changes: Partial<Prompt> = {},
) =>
  buildResponsesRequest(
    { ...prompt, ...changes },
    { model: testModel(model), promptCacheKey: "thread", azure: false, form, ...settings },
    { thread_id: "t" },
  );

describe("the body of a request", () => {
  test("[core/C10] has its members in the order of 0.140, and only those that say something", () => {
    expect(Object.keys(build())).toEqual([
      "model",
      "instructions",
      "input",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "reasoning",
      "store",
      "stream",
      "include",
      "prompt_cache_key",
      "client_metadata",
    ]);
    expect(
      Object.keys(
        build(
          { serviceTier: "priority" },
          {
            support_verbosity: true,
            default_verbosity: "low",
            service_tiers: [{ id: "priority", name: "Fast", description: "" }],
          },
          { instructions: "" },
        ),
      ),
    ).toEqual([
      "model",
      "input",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "reasoning",
      "store",
      "stream",
      "include",
      "service_tier",
      "prompt_cache_key",
      "text",
      "client_metadata",
    ]);
  });

  test("[core/C10-reasoning] asks for reasoning as model and settings say, and is null where there is none", () => {
    expect(build()).toMatchObject({
      reasoning: { effort: "medium", summary: "auto" },
      include: ["reasoning.encrypted_content"],
    });
    expect(build({ reasoningEffort: "high", reasoningSummary: "none" }).reasoning).toEqual({
      effort: "high",
    });
    expect(build({}, { supports_reasoning_summaries: false })).toMatchObject({
      reasoning: null,
      include: [],
    });
    expect(build({}, { use_responses_lite: true })).toMatchObject({
      reasoning: { context: "all_turns" },
      parallel_tool_calls: false,
    });
  });

  test("[core/C10-text] says verbosity only to models that have it, and the schema always", () => {
    expect(build({ verbosity: "high" }).text).toBeUndefined();
    const verbose = { support_verbosity: true, default_verbosity: "low" } as const;
    expect(build({}, verbose).text).toEqual({ verbosity: "low" });
    expect(build({ verbosity: "high" }, verbose).text).toEqual({ verbosity: "high" });
    expect(build({}, {}, { outputSchema: { type: "object" } }).text).toEqual({
      format: {
        type: "json_schema",
        strict: true,
        schema: { type: "object" },
        name: "codex_output_schema",
      },
    });
  });

  test("[core/C10-tier] leaves out a tier the model does not list", () => {
    expect(build({ serviceTier: "priority" })).not.toHaveProperty("service_tier");
  });

  test("[core/C10-azure] stores and sends item ids to Azure only", () => {
    const input: readonly ResponseItem[] = [
      { type: "message", id: "msg_1", role: "assistant", content: [] },
      { type: "other", raw: { type: "future" } },
    ];
    expect(build({}, {}, { input })).toMatchObject({ store: false });
    expect(build({}, {}, { input }).input).toEqual([
      { type: "message", role: "assistant", content: [] },
    ]);
    const azure = build({ azure: true }, {}, { input });
    expect(azure.store).toBe(true);
    expect(azure.input).toMatchObject([{ id: "msg_1" }]);
  });
});
