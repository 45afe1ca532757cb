import { describe, expect, test } from "vitest";
import type { ModelInfo, Personality } from "@codex-ts/protocol";
import {
  autoCompactTokenLimit,
  contextWindowTokens,
  effectiveContextWindowTokens,
  modelInstructions,
  readModelInfo,
  supportsPersonality,
  toModelPresets,
  toWireModelInfo,
} from "@codex-ts/protocol";
import { MINIMAL_MODEL } from "./support/models.ts";

function model(changes: Readonly<Record<string, unknown>> = {}): ModelInfo {
  const read = readModelInfo({ ...MINIMAL_MODEL, ...changes });
  if (read === undefined) throw new Error("the model does not fit");
  return read;
}

const withMessages = (template: unknown, variables: unknown): ModelInfo =>
  model({
    model_messages: { instructions_template: template, instructions_variables: variables },
  });

describe("reading", () => {
  test("[protocol/P21] fills in the defaults", () => {
    expect(model()).toEqual({
      ...MINIMAL_MODEL,
      additional_speed_tiers: [],
      service_tiers: [],
      availability_nux: null,
      default_reasoning_summary: "auto",
      web_search_tool_type: "text",
      supports_image_detail_original: false,
      effective_context_window_percent: 95,
      input_modalities: ["text", "image"],
      supports_search_tool: false,
      use_responses_lite: false,
    });
  });

  test("[protocol/P21] ignores unknown members and writes known ones in their order", () => {
    const full = model({
      minimal_client_version: "9.9.9",
      default_reasoning_level: "turbo",
      service_tiers: [{ id: "priority", name: "Fast", description: "d", extra: 1 }],
      model_messages: {
        instructions_template: null,
        instructions_variables: { personality_default: null },
      },
      context_window: 272_000,
      auto_compact_token_limit: null,
    });
    const wire = toWireModelInfo(full);
    expect(wire).not.toHaveProperty("minimal_client_version");
    expect(wire).not.toHaveProperty("auto_compact_token_limit");
    expect(Object.keys(wire).slice(0, 5)).toEqual([
      "slug",
      "display_name",
      "description",
      "default_reasoning_level",
      "supported_reasoning_levels",
    ]);
    expect(wire["service_tiers"]).toEqual([{ id: "priority", name: "Fast", description: "d" }]);
    expect(wire["model_messages"]).toEqual({
      instructions_template: null,
      instructions_variables: {
        personality_default: null,
        personality_friendly: null,
        personality_pragmatic: null,
      },
    });
    expect(readModelInfo(wire)).toEqual(wire);
  });

  test("[protocol/P21] a mode this version does not know counts as unset", () => {
    expect(model({ tool_mode: "telepathy", multi_agent_version: "v9" })).not.toHaveProperty(
      "tool_mode",
    );
    expect(model({ tool_mode: "telepathy", multi_agent_version: "v9" })).not.toHaveProperty(
      "multi_agent_version",
    );
    expect(model({ tool_mode: "code_mode" }).tool_mode).toBe("code_mode");
  });

  test("[protocol/P21] a missing required member makes it not fit", () => {
    // A 0.169 catalog leaves some of them out; those have defaults.
    const optional = new Set([
      "base_instructions",
      "supports_reasoning_summaries",
      "supports_parallel_tool_calls",
      "description",
      "upgrade",
      "default_verbosity",
      "apply_patch_tool_type",
    ]);
    for (const member of Object.keys(MINIMAL_MODEL)) {
      const { [member]: _removed, ...rest } = MINIMAL_MODEL;
      expect([member, readModelInfo(rest) !== undefined]).toEqual([member, optional.has(member)]);
    }
  });
});

describe("limits", () => {
  test.each([
    [{ context_window: 272_000 }, 272_000, 258_400, 244_800],
    [{ max_context_window: 100 }, 100, 95, 90],
    [{ context_window: 10, max_context_window: 100 }, 10, 9, 9],
    [{ context_window: 1000, auto_compact_token_limit: 500 }, 1000, 950, 500],
    [{ context_window: 1000, auto_compact_token_limit: 950 }, 1000, 950, 900],
    [{ auto_compact_token_limit: 500 }, undefined, undefined, 500],
    [{ context_window: 1000, effective_context_window_percent: 50 }, 1000, 500, 900],
    [{}, undefined, undefined, undefined],
  ])(
    "[protocol/P22] %j: window %s, used part %s, compaction at %s",
    (changes, window, effective, limit) => {
      expect(contextWindowTokens(model(changes))).toBe(window);
      expect(effectiveContextWindowTokens(model(changes))).toBe(effective);
      expect(autoCompactTokenLimit(model(changes))).toBe(limit);
    },
  );
});

describe("instructions", () => {
  const texts = {
    personality_default: "$& as usual",
    personality_friendly: "warm",
    personality_pragmatic: "dry",
  };
  const template = "Be {{ personality }}, {{ personality }}.";

  test.each<[string | null, object | null, Personality | undefined, string, boolean]>([
    [template, texts, undefined, "Be $& as usual, $& as usual.", true],
    [template, texts, "friendly", "Be warm, warm.", true],
    [template, texts, "pragmatic", "Be dry, dry.", true],
    [template, texts, "none", "Be , .", true],
    [template, { ...texts, personality_friendly: null }, "friendly", "Be , .", false],
    [template, null, "friendly", "Be , .", false],
    ["No place.", texts, "friendly", "No place.", false],
    [null, texts, "friendly", "base instructions", false],
  ])(
    "[protocol/P23] template %j with %j for %s",
    (text, variables, personality, expected, supported) => {
      expect(modelInstructions(withMessages(text, variables), personality)).toBe(expected);
      expect(supportsPersonality(withMessages(text, variables))).toBe(supported);
    },
  );

  test("[protocol/P23] a model without messages has its base instructions", () => {
    expect(modelInstructions(model(), "friendly")).toBe("base instructions");
    expect(supportsPersonality(model())).toBe(false);
  });
});

describe("presets", () => {
  const models = [
    model({ slug: "last", priority: 9 }),
    model({ slug: "hidden", priority: 0, visibility: "hide", default_reasoning_level: "low" }),
    model({ slug: "first", priority: 2, description: null }),
    model({ slug: "login-only", priority: 1, supported_in_api: false }),
  ];

  test("are sorted by priority, and the first visible one is the default", () => {
    const presets = toModelPresets(models, { hasChatGptAuth: true });
    expect(presets.map((preset) => preset.id)).toEqual(["hidden", "login-only", "first", "last"]);
    expect(presets.filter((preset) => preset.isDefault).map((preset) => preset.id)).toEqual([
      "login-only",
    ]);
    expect(presets.map((preset) => preset.defaultReasoningEffort)).toEqual([
      "low",
      "none",
      "none",
      "none",
    ]);
    expect(presets.map((preset) => preset.showInPicker)).toEqual([false, true, true, true]);
  });

  test("leave out what an API key cannot use, and fall back to a hidden default", () => {
    const presets = toModelPresets(models, { hasChatGptAuth: false });
    expect(presets.map((preset) => preset.id)).toEqual(["hidden", "first", "last"]);
    const hidden = toModelPresets([model({ visibility: "none" })], { hasChatGptAuth: false });
    expect(hidden.map((preset) => preset.isDefault)).toEqual([true]);
  });
});
