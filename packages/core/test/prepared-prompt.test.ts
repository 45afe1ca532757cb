import { expect, test } from "vitest";
import type { JsonObject } from "@codex-ts/protocol";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { readRawBundle, reduceStrictly } from "./support/bundle.ts";
import type { RawBundle } from "./support/bundle.ts";
import { startScene, testModel } from "./support/harness.ts";
import type { Scene, SceneOptions } from "./support/harness.ts";

const METADATA = "internal_chat_message_metadata_passthrough";
const HARNESS = { provenance: { type: "harness", hook: false } };

/** A turn with one command, recorded in schema 3. */
async function recordTurn(options: SceneOptions = {}): Promise<Scene> {
  const scene = await startScene(
    [
      streamExchange([functionCall("exec_command", { cmd: "echo hi", login: false }, "call_1")], {
        responseId: "resp_1",
      }),
      messageExchange("Done.", { responseId: "resp_2" }),
    ],
    { compatibility: "0.171", ...options },
    3,
  );
  await scene.turn("go");
  await scene.thread.close();
  return scene;
}

/** The prompts of a bundle and the requests made from them. */
function promptsOf(bundle: RawBundle) {
  return bundle.of("inference_started").map((event) => ({
    prompt: bundle.payload(event.prepared_prompt_payload),
    request: bundle.payload(event.request_payload),
    warmup: event.warmup_context_payload && bundle.payload(event.warmup_context_payload),
  }));
}

test("[core/trace-prompt] the trace keeps the prompt of each request, with all that is known of its items", async () => {
  await using scene = await recordTurn({
    developerInstructions: "Dev.",
    includePermissionsInstructions: true,
    userInstructions: "Be kind.",
  });
  const [first, second] = promptsOf(readRawBundle(scene.thread.bundlePath));
  const { input, tools, ...rest } = first?.prompt ?? {};
  expect(rest).toEqual({
    parallel_tool_calls: true,
    base_instructions: {
      text: "Follow the script.",
      provenance: { type: "model", model: "gpt-mock" },
    },
    output_schema: null,
    output_schema_strict: true,
    prompt_cache_ttl: null,
    cyber_access_program: null,
  });
  expect(tools).toEqual(first?.request.tools);
  const of = (item: JsonObject) => item[METADATA] as JsonObject;
  expect(
    input
      .map(of)
      .map((metadata: JsonObject) => [
        metadata["content_item_kinds"],
        metadata["content_item_metadata"],
      ]),
  ).toEqual([
    [
      ["generic.developer_instructions", "permissions.instructions"],
      [
        { provenance: { type: "developer_instructions", from_additional_requirements: false } },
        HARNESS,
      ],
    ],
    [
      ["agents_md.instructions", "environments.environment_context"],
      [{ provenance: { type: "agents_md" } }, HARNESS],
    ],
    [["user.text"], [{ provenance: { type: "user" } }]],
  ]);
  // The request has the instructions as first item, and this provider is told nothing of where items come from.
  expect(first?.request.input).toEqual([
    expect.objectContaining({ role: "developer" }),
    ...input.map(({ [METADATA]: _metadata, ...item }: JsonObject) => item),
  ]);
  expect(second?.prompt.input.slice(0, input.length)).toEqual(input);
  expect(second?.prompt.input.at(-1)).toMatchObject({
    type: "function_call_output",
    id: expect.stringMatching(/^fco_/),
    [METADATA]: { turn_id: expect.any(String), create_time: expect.any(Number) },
  });
});

test("[core/trace-output] a tool output is recorded when it enters history, as the next prompt has it", async () => {
  await using scene = await recordTurn();
  const bundle = readRawBundle(scene.thread.bundlePath);
  const outputs = bundle
    .of("history_item_accepted")
    .map(({ tool_output_payload: payload }) => payload)
    .filter((payload) => payload !== undefined)
    .map((payload) => bundle.payload(payload));
  expect(outputs).toEqual([promptsOf(bundle)[1]?.prompt.input.at(-1)]);
  const state = await reduceStrictly(scene.thread);
  expect(state.tool_calls["call_1"]?.model_visible_output_item_ids).toHaveLength(1);
});

test("[core/trace-prompt] instructions that are not those of the model are said to be custom", async () => {
  await using scene = await recordTurn({ baseInstructions: "My own." });
  const [first] = promptsOf(readRawBundle(scene.thread.bundlePath));
  expect(first?.prompt.base_instructions).toEqual({
    text: "My own.",
    provenance: { type: "custom" },
  });
  await using other = await recordTurn({ model: testModel({ base_instructions: "" }) });
  const [fallback] = promptsOf(readRawBundle(other.thread.bundlePath));
  expect(fallback?.prompt.base_instructions.provenance).toMatchObject({ type: "model" });
});

test("[core/trace-warmup] a request after a warm-up is recorded as sent, with the input it stands for", async () => {
  await using scene = await recordTurn({ providerInfo: { supportsWebsockets: true } });
  const [first, second] = promptsOf(readRawBundle(scene.thread.bundlePath));
  const frames = scene.server.requests.slice(1).map(({ body }) => body as JsonObject);
  // A frame is stamped when it is sent, a moment after it is recorded.
  const unstamped = ({ client_metadata: _stamped, ...frame }: JsonObject) => frame;
  expect([first?.request, second?.request].map(unstamped)).toEqual(frames.map(unstamped));
  expect(first?.request.previous_response_id).toMatch(/^resp_warm_up/);
  const [instructions, ...items] = first?.warmup.input ?? [];
  expect(instructions).toMatchObject({ role: "developer" });
  expect(items).toEqual(first?.request.input);
  expect(first?.prompt.input).toHaveLength(items.length);
  expect(second?.warmup).toBeUndefined();
  expect(second?.prompt.input.length).toBeGreaterThan(second?.request.input.length);
  const state = await reduceStrictly(scene.thread);
  expect(state.threads[scene.thread.threadId]?.conversation_item_ids).toHaveLength(6);
});
