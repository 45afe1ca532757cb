import { describe, expect, test } from "vitest";
import {
  completed,
  created,
  errorExchange,
  failedExchange,
  functionCall,
  gate,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { collect, ofType, startScene, testModel } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";
import { purposeOf, shapeOf } from "../support/request-shape.ts";
import { TINY_PNG } from "../support/mcp/mcp-answers.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

/** A response after which the context is full. */
const full = (text: string, ...items: Parameters<typeof Array.of>): Exchange => ({
  events: [
    created(),
    message(text),
    ...(items as never[]),
    completed({ usage: { input_tokens: 250_000, output_tokens: 100 } }),
  ],
});

const echo = functionCall("exec_command", { cmd: "echo x", login: false }, "call_1");

const options = (compatibility: "0.140" | "0.171", more: SceneOptions = {}): SceneOptions => ({
  compatibility,
  compactPrompt: "Sum up.",
  developerInstructions: "Be kind.",
  model: testModel({ context_window: 272_000 }),
  ...more,
});

/** Without the base instructions, which are an item in 0.171. */
const shapes = (
  compatibility: string,
  requests: readonly Parameters<typeof shapeOf>[0][],
): string[][] =>
  requests.map((request) => shapeOf(request).slice(compatibility === "0.171" ? 1 : 0));

const CONTEXT = ["developer: Be kind.", "user: <environment_context>"];

describe.each(GENERATIONS)("local compaction as in %s", (compatibility) => {
  test("[core/K1] in the middle of a turn puts the context before the question, and the summary last", async () => {
    await using scene = await startScene(
      [
        messageExchange("Zero."),
        full("Looking.", echo),
        messageExchange("It was zero."),
        messageExchange("Done."),
        messageExchange("After."),
      ],
      options(compatibility),
    );
    await scene.turn("zero");
    const events = await scene.turn("one");
    await scene.turn("two");
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "turn 0",
      "auto context_limit responses mid_turn 0",
      "turn 1",
      "turn 1",
    ]);
    const [, , compaction, next, after] = shapes(compatibility, scene.server.requests);
    expect(compaction?.slice(-3)).toEqual([
      "function_call",
      "function_call_output",
      "user: Sum up.",
    ]);
    expect(scene.server.requests[2]?.body).toMatchObject({ tools: [], parallel_tool_calls: false });
    const compacted = ["user: zero", ...CONTEXT, "user: one", "user: summary It was zero."];
    expect(next).toEqual(compacted);
    expect(after).toEqual([...compacted, "assistant: Done.", "user: two"]);
    expect(ofType(events, "compactionStarted")).toMatchObject([
      { way: "local", trigger: "auto", reason: "context_limit", phase: "mid_turn" },
    ]);
    expect(ofType(events, "compactionInstalled")).toMatchObject([
      { windowNumber: 1, message: expect.stringMatching(/\nIt was zero\.$/) },
    ]);
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Done." });
  });

  test("[core/K2] before a turn: the context is new to the model again, and a second summary takes the place of the first", async () => {
    await using scene = await startScene(
      [
        full("One."),
        messageExchange("First."),
        full("Two."),
        messageExchange("Second."),
        messageExchange("Three."),
      ],
      options(compatibility),
    );
    for (const text of ["one", "two", "three"]) await scene.turn(text);
    expect(scene.server.requests.map(purposeOf)).toEqual([
      "turn 0",
      "auto context_limit responses pre_turn 0",
      "turn 1",
      "auto context_limit responses pre_turn 1",
      "turn 2",
    ]);
    const [, , second, , third] = shapes(compatibility, scene.server.requests);
    const isAtOnce = compatibility === "0.171";
    expect(second).toEqual(
      isAtOnce
        ? [...CONTEXT, "user: one", "user: summary First.", "user: two"]
        : ["user: one", "user: summary First.", ...CONTEXT, "user: two"],
    );
    expect(third).toEqual(
      isAtOnce
        ? ["user: one", ...CONTEXT, "user: two", "user: summary Second.", "user: three"]
        : ["user: one", "user: two", "user: summary Second.", ...CONTEXT, "user: three"],
    );
  });

  test("[core/K7] a final answer that fills the context compacts nothing before the next turn", async () => {
    await using scene = await startScene([full("One.")], options(compatibility));
    const events = await scene.turn("one");
    expect(scene.server.requests).toHaveLength(1);
    expect(ofType(events, "compactionStarted")).toEqual([]);
  });

  test("[core/K3] keeps 20,000 tokens of what the user said, the oldest of it cut in its middle", async () => {
    const long = (letter: string, bytes: number): string => letter.repeat(bytes);
    await using scene = await startScene(
      [
        ...["1", "2", "3"].map((text) => messageExchange(text)),
        messageExchange("SUMMARY"),
        messageExchange("End."),
      ],
      options(compatibility),
    );
    await scene.turn(long("x", 100));
    await scene.turn(long("a", 100_000));
    await scene.turn([
      { type: "text", text: long("b", 70_000) },
      { type: "image", image_url: `data:image/png;base64,${TINY_PNG}` },
      { type: "text", text: "tail" },
    ]);
    await scene.thread.compact().result();
    await scene.turn("end");
    const body = scene.server.requests.at(-1)?.body as {
      input: { content?: { text: string }[] }[];
    };
    const texts = body.input.flatMap(({ content = [] }) => content.map(({ text }) => text));
    // 70,000 bytes are 17,500 tokens, `tail` is one; 2499 are left.
    const cut = texts.filter((text) => text.includes("a".repeat(100)));
    expect(cut.join("").replaceAll(/aa+/g, "")).toBe(
      compatibility === "0.171" ? "" : "…22501 tokens truncated…",
    );
    expect(
      texts
        .join("")
        .match(/a{100,}/g)
        ?.map((part) => part.length),
    ).toEqual([4998, 4998]);
    expect(texts).toContain(
      compatibility === "0.171" ? "…22501 tokens truncated…" : `${long("b", 70_000)}tail`,
    );
    expect(texts.join("")).not.toContain("xxxx");
  });

  test("[core/K4] a history that is too long to be summed up loses its oldest items, each call with its output", async () => {
    const overflow = failedExchange({ code: "context_length_exceeded", message: "too long" });
    await using scene = await startScene(
      [
        { events: [created(), echo, completed()] },
        messageExchange("One."),
        overflow,
        overflow,
        overflow,
        overflow,
        messageExchange("SUMMARY"),
      ],
      options(compatibility),
    );
    await scene.turn("one");
    const end = await scene.thread.compact().result();
    expect(end.type).toBe("turnCompleted");
    expect(shapes(compatibility, scene.server.requests.slice(2))).toEqual([
      [
        ...CONTEXT,
        "user: one",
        "function_call",
        "function_call_output",
        "assistant: One.",
        "user: Sum up.",
      ],
      [
        "user: <environment_context>",
        "user: one",
        "function_call",
        "function_call_output",
        "assistant: One.",
        "user: Sum up.",
      ],
      ["user: one", "function_call", "function_call_output", "assistant: One.", "user: Sum up."],
      ["function_call", "function_call_output", "assistant: One.", "user: Sum up."],
      ["assistant: One.", "user: Sum up."],
    ]);
  });

  test("[core/K15] where even the prompt alone is too long the turn fails, and the next one compacts again", async () => {
    const overflow = failedExchange({ code: "context_length_exceeded", message: "too long" });
    await using scene = await startScene(
      [
        full("One."),
        ...Array.from({ length: 5 }, () => overflow),
        messageExchange("SUMMARY"),
        messageExchange("Three."),
      ],
      options(compatibility),
    );
    await scene.turn("one");
    const failed = await scene.turn("two");
    expect(failed.at(-1)).toMatchObject({
      type: "turnFailed",
      error: { code: "context_window_exceeded" },
    });
    const events = await scene.turn("three");
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Three." });
    // What was said in the failed turn is kept by 0.171 only.
    expect(JSON.stringify(scene.server.requests.at(-1)?.body).includes('"two"')).toBe(
      compatibility === "0.171",
    );
  });

  test("[core/K16] a refused summary is asked for again by 0.140, and ends the turn in 0.171", async () => {
    await using scene = await startScene(
      [messageExchange("One."), errorExchange(400, { message: "No." }), messageExchange("SUMMARY")],
      options(compatibility),
    );
    await scene.turn("one");
    const events = await collect(scene.thread.compact());
    expect(events.at(-1)?.type).toBe(compatibility === "0.140" ? "turnCompleted" : "turnFailed");
    expect(ofType(events, "streamRetry").map(({ message: text }) => text)).toEqual(
      compatibility === "0.140" ? ["Reconnecting... 1/2"] : [],
    );
  });

  test("[core/K17] a failed compaction leaves the history as it was", async () => {
    const failing = failedExchange({ code: "server_error", message: "boom" });
    await using scene = await startScene(
      [messageExchange("One."), failing, failing, failing, messageExchange("Two.")],
      options(compatibility),
    );
    await scene.turn("one");
    expect(await scene.thread.compact().result()).toMatchObject({ type: "turnFailed" });
    await scene.turn("two");
    expect(shapes(compatibility, scene.server.requests.slice(-1))).toEqual([
      [...CONTEXT, "user: one", "assistant: One.", "user: two"],
    ]);
    expect(purposeOf(scene.server.requests.at(-1))).toBe("turn 0");
  });

  test("[core/K18] an interrupted compaction leaves the history, the mark of the stop, and in 0.140 what was summed up so far", async () => {
    await using scene = await startScene(
      [
        messageExchange("One."),
        { events: [created(), message("Summ"), gate("never"), completed()] },
        messageExchange("Two."),
      ],
      options(compatibility),
    );
    await scene.turn("one");
    const compaction = scene.thread.compact();
    await scene.server.waitForGate("never");
    // Over loopback the item has arrived when something that was sent after it has.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await scene.thread.interrupt()).toMatchObject({ type: "turnAborted" });
    expect((await collect(compaction)).at(-1)?.type).toBe("turnAborted");
    await scene.turn("two");
    expect(shapes(compatibility, scene.server.requests.slice(-1))).toEqual([
      [
        ...CONTEXT,
        "user: one",
        "assistant: One.",
        ...(compatibility === "0.140" ? ["assistant: Summ"] : []),
        "user: <turn_aborted>",
        "user: two",
      ],
    ]);
  });

  test("[core/K19] counts the summary's tokens in the thread's, and estimates those of the new context", async () => {
    await using scene = await startScene(
      [messageExchange("One."), messageExchange("SUMMARY")],
      options(compatibility),
    );
    await scene.turn("one");
    const events = await collect(scene.thread.compact());
    const counts = ofType(events, "tokenCount").map(({ info }) => info);
    expect(counts.at(-1)?.total_token_usage.total_tokens).toBe(30);
    const { last_token_usage: last } = counts.at(-1) ?? {};
    expect(last).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    // Base instructions, "one", the summary and, in 0.171, the context; its messages count without their frames.
    const estimate = { "0.140": [90, 110], "0.171": [130, 230] }[compatibility];
    expect(last?.total_tokens).toBeGreaterThan(estimate[0] ?? 0);
    expect(last?.total_tokens).toBeLessThan(estimate[1] ?? 0);
  });

  test("[core/K20] is in the trace as changed history only", async () => {
    await using scene = await startScene(
      [messageExchange("One."), messageExchange("SUMMARY"), messageExchange("Two.")],
      options(compatibility),
    );
    await scene.turn("one");
    await scene.thread.compact().result();
    await scene.turn("two");
    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.inference_calls)).toHaveLength(2);
    expect(Object.values(state.compactions)).toEqual([]);
    const types = readRawBundle(scene.thread.bundlePath).events.map(({ payload }) => payload.type);
    expect(types.filter((type) => type.startsWith("compaction"))).toEqual([]);
  });

  test("[core/K32] over WebSocket the summary has a session of its own, and the turn goes on with a whole request", async () => {
    await using scene = await startScene(
      [
        full("Looking.", echo),
        messageExchange("SUMMARY"),
        messageExchange("Done."),
        messageExchange("After."),
      ],
      options(compatibility, { providerInfo: { supportsWebsockets: true } }),
    );
    await scene.turn("one");
    const events = await scene.turn("two");
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "After." });
    const frames = scene.server.requests.map(({ body }) => body as Record<string, unknown>);
    expect(frames.map((frame) => frame["previous_response_id"] !== undefined).slice(-4)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(scene.server.requests.every(({ transport }) => transport === "websocket")).toBe(true);
  });
});
