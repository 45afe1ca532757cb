import { describe, expect, test } from "vitest";
import type { JsonObject } from "@codex-ts/protocol";
import {
  compactExchange,
  completed,
  created,
  errorExchange,
  failedExchange,
  functionCall,
  itemDone,
  message,
  messageExchange,
  messageItem,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { collect, ofType, startScene, testModel } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";
import { blobOf, purposeOf, shapeOf } from "../support/request-shape.ts";
import { TINY_PNG } from "../support/mcp/mcp-answers.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

const compaction = (text: string) =>
  itemDone({ type: "compaction", id: `cmp_${text}`, encrypted_content: text });

const input = (role: "developer" | "user", text: string) => ({
  type: "message" as const,
  role,
  content: [{ type: "input_text" as const, text }],
});

const full = (text: string, call = false): Exchange => ({
  events: [
    created(),
    message(text),
    ...(call ? [functionCall("exec_command", { cmd: "echo x", login: false }, "call_1")] : []),
    completed({ usage: { input_tokens: 250_000, output_tokens: 100 } }),
  ],
});

const options = (compatibility: "0.140" | "0.171", more: SceneOptions = {}): SceneOptions => ({
  compatibility,
  developerInstructions: "Be kind.",
  model: testModel({ context_window: 272_000 }),
  ...more,
  providerInfo: { name: "OpenAI", ...more.providerInfo },
});

const shapes = (
  compatibility: string,
  requests: readonly Parameters<typeof shapeOf>[0][],
): string[][] =>
  requests.map((request) => shapeOf(request).slice(compatibility === "0.171" ? 1 : 0));

const CONTEXT = ["developer: Be kind.", "user: <environment_context>"];

describe.each(GENERATIONS)("remote compaction v2 as in %s", (compatibility) => {
  const isAtOnce = compatibility === "0.171";

  test("[core/K23] before a turn and in the middle of one: one item, and what the user said, in a new window", async () => {
    await using scene = await startScene(
      [
        full("One."),
        streamExchange([message("noise"), compaction("first")]),
        full("Two.", true),
        streamExchange([compaction("second")]),
        messageExchange("End."),
      ],
      options(compatibility),
    );
    await scene.turn("one");
    const events = await scene.turn("two");
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "auto context_limit responses_compaction_v2 pre_turn 0",
      "turn 1",
      "auto context_limit responses_compaction_v2 mid_turn 1",
      "turn 2",
    ]);
    const [, asked, next, again, last] = shapes(compatibility, scene.server.requests);
    expect(asked).toEqual([...CONTEXT, "user: one", "assistant: One.", "compaction_trigger"]);
    expect(next).toEqual(
      isAtOnce
        ? [...CONTEXT, "user: one", "compaction first", "user: two"]
        : ["user: one", "compaction first", ...CONTEXT, "user: two"],
    );
    expect(again?.slice(-3)).toEqual([
      "function_call",
      "function_call_output",
      "compaction_trigger",
    ]);
    expect(last).toEqual(["user: one", ...CONTEXT, "user: two", "compaction second"]);
    expect(ofType(events, "compactionInstalled")).toMatchObject([
      { windowNumber: 1, message: "" },
      { windowNumber: 2, message: "" },
    ]);
    // Its usage is not the thread's.
    expect(events.at(-1)).toMatchObject({ usage: { input_tokens: 500_010 } });
  });

  test("[core/K24] is recorded as one request, however often it is repeated, with its response and both histories", async () => {
    const broken = failedExchange({ code: "server_error", message: "boom" });
    await using scene = await startScene(
      [
        messageExchange("One."),
        broken,
        streamExchange([compaction("first")]),
        messageExchange("Two."),
      ],
      options(compatibility),
    );
    await scene.turn("one");
    const events = await collect(scene.thread.compact());
    expect(ofType(events, "streamRetry").map(({ message: text }) => text)).toEqual([
      "Reconnecting... 1/2",
    ]);
    const started = ofType(events, "compactionStarted")[0];
    await scene.turn("two");
    const state = await reduceStrictly(scene.thread);
    expect(Object.keys(state.compactions)).toEqual([started?.compactionId]);
    expect(
      Object.values(state.compaction_requests).map(({ execution }) => execution.status),
    ).toEqual(["completed"]);
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [installed] = bundle.of("compaction_installed");
    const checkpoint = bundle.payload(installed?.checkpoint_payload) as {
      input_history: JsonObject[];
      replacement_history: JsonObject[];
    };
    expect(checkpoint.input_history.at(-1)).toMatchObject({ role: "assistant" });
    expect(checkpoint.replacement_history.at(-1)).toMatchObject({ type: "compaction" });
  });

  test.each([
    ["none", [message("no")]],
    ["two", [compaction("a"), compaction("b")]],
  ] as const)(
    "[core/K5] a response with %s of its items ends the turn, and nothing is changed",
    async (_name, items) => {
      await using scene = await startScene(
        [messageExchange("One."), streamExchange([...items]), messageExchange("Two.")],
        options(compatibility),
      );
      await scene.turn("one");
      expect(await scene.thread.compact().result()).toMatchObject({
        type: "turnFailed",
        error: {
          message: expect.stringMatching(
            /^Error running remote compact task: .*one compaction item/,
          ),
        },
      });
      await scene.turn("two");
      expect(scene.server.requests).toHaveLength(3);
      expect(purposeOf(scene.server.requests[2])).toBe("turn 0");
      expect(shapes(compatibility, scene.server.requests.slice(-1))).toEqual([
        [...CONTEXT, "user: one", "assistant: One.", "user: two"],
      ]);
    },
  );

  test("[core/K6] keeps 64,000 tokens of messages beside the item, the oldest of them cut", async () => {
    await using scene = await startScene(
      [
        messageExchange("1"),
        messageExchange("2"),
        messageExchange("3"),
        streamExchange([compaction("first")]),
        messageExchange("End."),
      ],
      options(compatibility),
    );
    await scene.turn("a".repeat(200_000));
    await scene.turn("b".repeat(180_000));
    await scene.turn([
      { type: "text", text: "look" },
      { type: "image", image_url: `data:image/png;base64,${TINY_PNG}` },
    ]);
    await scene.thread.compact().result();
    await scene.turn("end");
    const body = scene.server.requests.at(-1)?.body as { input: { content?: JsonObject[] }[] };
    const texts = body.input.flatMap(({ content = [] }) => content.map((part) => part["text"]));
    const cut = texts.find((text) => typeof text === "string" && text.startsWith("aaa")) as string;
    // 45,000 tokens are the other text, 1 is `look`; an image counts in 0.171 only.
    const left = 64_000 - 45_001 - (isAtOnce ? 1844 : 0);
    expect(cut.match(/aa+/g)?.join("").length).toBe(left * 4);
    expect(cut).toContain(`…${50_000 - left} tokens truncated…`);
    expect(JSON.stringify(body)).toContain(`data:image/png;base64,${TINY_PNG}`);
  });

  test("[core/K25] leaves out tool outputs that make the history longer than the window", async () => {
    const call = functionCall(
      "exec_command",
      { cmd: "head -c 9000 /dev/zero | tr '\\0' x", login: false },
      "c",
    );
    await using scene = await startScene(
      [
        streamExchange([call]),
        failedExchange({ code: "invalid_prompt", message: "stop here" }),
        streamExchange([compaction("first")]),
      ],
      options(compatibility, { model: testModel({ context_window: 1500 }) }),
    );
    await scene.turn("one");
    await scene.thread.compact().result();
    const last = scene.server.requests.at(-1);
    expect(purposeOf(last)).toContain("responses_compaction_v2");
    expect(shapeOf(last).slice(-2)).toEqual(["function_call_output", "compaction_trigger"]);
    expect(JSON.stringify(last?.body)).toContain("too long for the context");
    expect(JSON.stringify(last?.body)).not.toContain("xxxx");
  });

  test("[core/K26] the model before compacts what is too long for a smaller one", async () => {
    await using scene = await startScene(
      [
        {
          events: [
            created(),
            message("One."),
            completed({ usage: { input_tokens: 50_000, output_tokens: 1 } }),
          ],
        },
        streamExchange([compaction("first")]),
        messageExchange("Two."),
      ],
      options(compatibility, {
        model: testModel({
          context_window: 272_000,
          supported_reasoning_levels: [
            { effort: "low", description: "" },
            { effort: "medium", description: "" },
          ],
        }),
      }),
    );
    await scene.turn("one");
    const small = testModel({
      slug: "gpt-small",
      context_window: 20_000,
      base_instructions: "Be small.",
    });
    await scene.turn("two", { model: small });
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "auto model_downshift responses_compaction_v2 pre_turn 0",
      "turn 1",
    ]);
    expect(scene.server.requests.map(({ body }) => (body as JsonObject)["model"])).toEqual([
      "gpt-mock",
      "gpt-mock",
      "gpt-small",
    ]);
    expect(scene.server.requests[1]?.body).toMatchObject({ reasoning: { effort: "low" } });
    const switched = ["developer: <model_switch> + Be kind.", "user: <environment_context>"];
    expect(shapes(compatibility, scene.server.requests.slice(2))).toEqual([
      isAtOnce
        ? [...switched, "user: one", "compaction first", "user: two"]
        : ["user: one", "compaction first", ...switched, "user: two"],
    ]);
  });

  test("[core/K27] models with different hashes do not go on with each other's history", async () => {
    await using scene = await startScene(
      [
        messageExchange("One."),
        streamExchange([compaction("first")]),
        messageExchange("Two."),
        messageExchange("Three."),
      ],
      options(compatibility, { model: testModel({ comp_hash: "a" }) }),
    );
    await scene.turn("one");
    await scene.turn("two", { model: testModel({ slug: "gpt-b", comp_hash: "b" }) });
    await scene.turn("three", { model: testModel({ slug: "gpt-none" }) });
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "auto comp_hash_changed responses_compaction_v2 pre_turn 0",
      "turn 1",
      "turn 1",
    ]);
  });

  test("[core/K28] [core/C4] over WebSocket the first request of the new window is whole", async () => {
    await using scene = await startScene(
      [
        messageExchange("One.", { responseId: "resp_1" }),
        streamExchange([compaction("first")]),
        messageExchange("Two."),
        messageExchange("Three."),
      ],
      options(compatibility, { providerInfo: { supportsWebsockets: true } }),
    );
    await scene.turn("one");
    expect(await scene.thread.compact().result()).toMatchObject({ type: "turnCompleted" });
    await scene.turn("two");
    await scene.turn("three");
    const frames = scene.server.requests.map(({ body }) => body as JsonObject);
    expect(frames.map((frame) => frame["previous_response_id"] !== undefined).slice(-4)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(scene.server.connections).toHaveLength(1);
  });
});

describe("remote compaction v1", () => {
  const endpoint = options("0.140", { remoteCompaction: "v1" });

  test("[core/K29] takes the history the server sends, without context and calls, with the answers", async () => {
    await using scene = await startScene(
      [
        messageExchange("Zero."),
        full("One.", true),
        compactExchange([
          input("developer", "junk"),
          input("user", "<environment_context>junk</environment_context>"),
          input("user", "one (kept)"),
          messageItem("kept too"),
          { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "r" },
          { type: "compaction", encrypted_content: "v1" },
        ]),
        messageExchange("End."),
      ],
      endpoint,
    );
    await scene.turn("zero");
    const events = await scene.turn("one");
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "turn 0",
      "auto context_limit responses_compact mid_turn 0",
      "turn 1",
    ]);
    expect(shapeOf(scene.server.requests.at(-1))).toEqual([
      ...CONTEXT,
      "user: one (kept)",
      "assistant: kept too",
      "compaction v1",
    ]);
    expect(ofType(events, "compactionStarted")).toMatchObject([{ way: "remote_v1" }]);
    const state = await reduceStrictly(scene.thread);
    expect(
      Object.values(state.compaction_requests).map(({ execution }) => execution.status),
    ).toEqual(["completed"]);
  });

  test("[core/K30] a refusal ends the turn, and the thread goes on uncompacted", async () => {
    await using scene = await startScene(
      [
        messageExchange("One."),
        { ...errorExchange(400, { message: "No." }), path: "/responses/compact" },
        messageExchange("Two."),
      ],
      endpoint,
    );
    await scene.turn("one");
    expect(await scene.thread.compact().result()).toMatchObject({
      type: "turnFailed",
      error: { message: expect.stringContaining("Error running remote compact task: ") },
    });
    await scene.turn("two");
    expect(blobOf(scene.server.requests.at(-1))["window_id"]).toBe(`${scene.thread.threadId}:0`);
  });

  test("[core/K31] is not to be had in 0.171", async () => {
    await using scene = await startScene(
      [messageExchange("One."), streamExchange([compaction("first")])],
      options("0.171", { remoteCompaction: "v1" }),
    );
    await scene.turn("one");
    await scene.thread.compact().result();
    expect(scene.server.requests[1]?.path).toMatch(/\/responses$/);
  });
});
