import { describe, expect, test } from "vitest";
import type { JsonObject, ModelInfo } from "@codex-ts/protocol";
import { itemDone, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { reduceStrictly } from "../support/bundle.ts";
import { collect, ofType, testModel, testProvider } from "../support/harness.ts";
import { fileOf, linesOf, startSessionScene } from "../support/session-scene.ts";

const LITE = testModel({ slug: "gpt-lite", use_responses_lite: true });
const OTHER_LITE: ModelInfo = { ...LITE, slug: "gpt-other", base_instructions: "Follow it well." };
const PLAIN = testModel();

type Item = JsonObject & { readonly type: string; readonly id?: string };

function inputOf(request: ReceivedRequest | undefined): readonly Item[] {
  return (request?.body as { input?: readonly Item[] } | undefined)?.input ?? [];
}

/** What an item is: its kind, with the first line of a message. */
function shown(item: Item): string {
  if (item.type !== "message") return item.type;
  const [part] = item["content"] as readonly { readonly text?: string }[];
  return `${item["role"] as string}: ${(part?.text ?? "").split("\n")[0] ?? ""}`;
}

function shownOf(request: ReceivedRequest | undefined): readonly string[] {
  return inputOf(request).map(shown);
}

const CONTEXT = "user: <environment_context>";

describe("a responses-lite model of 0.171", () => {
  test("[core/lite-items] is told its tools and its system text by items, which stay the same", async () => {
    await using scene = await startSessionScene(
      [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")],
      { model: LITE },
    );
    const first = await scene.create();
    await collect(first.runTurn("go"));
    await scene.once(first, "more");
    await scene.once(await scene.resume(first.threadId), "and more");
    const [one, two, three] = scene.server.requests;
    expect(one?.body).not.toHaveProperty("tools");
    expect(one?.body).toMatchObject({
      parallel_tool_calls: false,
      reasoning: { context: "all_turns" },
    });
    expect(one?.header("x-openai-internal-codex-responses-lite")).toBe("true");
    const [tools, instructions] = inputOf(one);
    expect(tools).toMatchObject({
      type: "additional_tools",
      id: expect.stringMatching(/^at_[0-9a-f]{8}-[0-9a-f]{4}-7/),
      role: "developer",
      tools: [
        {
          type: "namespace",
          name: "functions",
          description: "",
          tools: [
            { name: "exec_command" },
            { name: "write_stdin" },
            { name: "request_user_input" },
            { name: "view_image" },
          ],
        },
      ],
    });
    expect(instructions).toMatchObject({
      id: expect.stringMatching(/^msg_[0-9a-f]{8}-[0-9a-f]{4}-7/),
      role: "developer",
      content: [{ type: "input_text", text: "Follow the script." }],
    });
    expect(shownOf(one)).toEqual([
      "additional_tools",
      "developer: Follow the script.",
      CONTEXT,
      "user: go",
    ]);
    expect(inputOf(two).slice(0, 4)).toEqual(inputOf(one));
    expect(inputOf(three).slice(0, inputOf(two).length)).toEqual(inputOf(two));
    expect(shownOf(three).slice(-2)).toEqual(["assistant: Two.", "user: and more"]);
  });

  test("[core/lite-update] reads what is new of it, and all of it after another kind of model", async () => {
    await using scene = await startSessionScene(
      ["One.", "Two.", "Three.", "Four."].map((text) => messageExchange(text)),
      { model: LITE, models: [LITE, OTHER_LITE, PLAIN] },
    );
    const thread = await scene.create();
    await collect(thread.runTurn("1"));
    await collect(thread.runTurn("2", { model: OTHER_LITE }));
    await collect(thread.runTurn("3", { model: PLAIN }));
    await scene.once(thread, "4");
    const [, two, three, four] = scene.server.requests;
    expect(shownOf(two).slice(-2)).toEqual(["developer: <model_instructions>", "user: 2"]);
    expect(three?.body).toHaveProperty("tools");
    expect(shownOf(three).slice(0, 2)).toEqual([
      "developer: Follow the script.",
      "additional_tools",
    ]);
    expect(shownOf(three).slice(-2)).toEqual(["developer: <model_switch>", "user: 3"]);
    expect(shownOf(four)[0]).toBe("additional_tools");
    expect(shownOf(four).slice(-3)).toEqual([
      "additional_tools",
      "developer: <model_instructions>",
      "user: 4",
    ]);
    const states = linesOf(fileOf(thread)).filter(({ type }) => type === "world_state");
    expect(states.map(({ payload }) => Object.keys((payload as { state: object }).state))).toEqual([
      expect.arrayContaining(["top_level_tools"]),
      ["collaboration_mode", "model"],
      ["top_level_tools", "collaboration_mode", "model"],
      ["collaboration_mode", "model", "top_level_tools"],
    ]);
  });

  test("[core/lite-update] in a window of another kind of model has both before the history, unrecorded", async () => {
    await using scene = await startSessionScene(
      [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")],
      { model: PLAIN, models: [PLAIN, LITE] },
    );
    const thread = await scene.create();
    await collect(thread.runTurn("1"));
    await collect(thread.runTurn("2", { model: LITE }));
    await collect(thread.runTurn("3", { model: LITE }));
    const [one, two, three] = scene.server.requests;
    expect(shownOf(two)).toEqual([
      "additional_tools",
      "developer: Follow the script.",
      CONTEXT,
      "user: 1",
      "assistant: One.",
      "developer: <model_switch>",
      "user: 2",
    ]);
    expect(inputOf(two)[1]?.id).toBe(inputOf(one)[0]?.id);
    expect(inputOf(three).slice(0, 2)).toEqual(inputOf(two).slice(0, 2));
    const kinds = linesOf(fileOf(thread)).map(({ payload }) => (payload as Item).type);
    expect(kinds).not.toContain("additional_tools");
  });

  test("[core/lite-compaction] begins a new window with both, in the words of its own", async () => {
    await using scene = await startSessionScene(
      [
        messageExchange("One."),
        messageExchange("Two.", { usage: { input_tokens: 3000, output_tokens: 100 } }),
        messageExchange("Summary."),
        messageExchange("Three."),
      ],
      { model: { ...LITE, auto_compact_token_limit: 2000 } },
    );
    const thread = await scene.create();
    const small = { ...OTHER_LITE, auto_compact_token_limit: 2000 };
    await collect(thread.runTurn("1"));
    await collect(thread.runTurn("2", { model: small }));
    await collect(thread.runTurn("3", { model: small }));
    const [, , summary, after] = scene.server.requests;
    expect(summary?.body).not.toHaveProperty("tools");
    expect(shownOf(summary)[0]).toBe("additional_tools");
    expect(shownOf(after)).toEqual([
      "additional_tools",
      "developer: Follow it well.",
      "user: 1",
      CONTEXT,
      "user: 2",
      expect.stringMatching(/^user: Earlier parts/),
      "user: 3",
    ]);
  });

  test("[core/lite-namespace] calls its tools with their namespace or without; the trace reduces strictly", async () => {
    const call = (callId: string, namespace?: string): ReturnType<typeof itemDone> =>
      itemDone({
        type: "function_call",
        name: "exec_command",
        ...(namespace !== undefined && { namespace }),
        arguments: JSON.stringify({ cmd: `echo ${callId}` }),
        call_id: callId,
      });
    await using scene = await startSessionScene(
      [
        streamExchange([call("one", "functions"), call("two"), call("three", "nope")]),
        messageExchange("Done."),
      ],
      { model: LITE },
    );
    const thread = await scene.create({ trace: { root: `${scene.codexHome}/traces` } });
    await collect(thread.runTurn("go"));
    const outputs = inputOf(scene.server.requests[1]).filter(
      ({ type }) => type === "function_call_output",
    );
    expect(outputs.map(({ output }) => (output as string).trim().split("\n").at(-1))).toEqual([
      "one",
      "two",
      "unsupported call: nopeexec_command",
    ]);
    const calls = Object.values((await reduceStrictly(thread)).tool_calls);
    expect(calls.map(({ kind }) => kind.type)).toEqual(
      Array.from({ length: 3 }, () => "exec_command"),
    );
    expect(calls.map(({ summary }) => ("label" in summary ? summary.label : "a terminal"))).toEqual(
      expect.arrayContaining(["a terminal", "a terminal", "nope.exec_command"]),
    );
  });

  test("[core/lite-metadata] items say who wrote them to the provider that is told", async () => {
    await using scene = await startSessionScene([messageExchange("One."), messageExchange("Two.")]);
    const provider = testProvider(scene.server.url, { name: "OpenAI" });
    await scene.once(await scene.create({ provider, model: LITE }), "go");
    await scene.once(await scene.create({ provider, model: PLAIN }), "go");
    const [lite, plain] = scene.server.requests;
    const user = { provenance: { type: "user" } };
    const MEMBER = "internal_chat_message_metadata_passthrough";
    expect(inputOf(lite).at(-1)?.[MEMBER]).toMatchObject({ content_item_metadata: [user] });
    expect(inputOf(lite)[0]).not.toHaveProperty(MEMBER);
    expect(inputOf(plain).at(-1)?.[MEMBER]).not.toHaveProperty("content_item_metadata");
  });

  test("[core/lite-code-mode] that only knows code mode is offered scripts, in the namespace of all tools", async () => {
    await using scene = await startSessionScene([messageExchange("One.")], {
      model: { ...LITE, tool_mode: "code_mode_only" },
    });
    const events = await collect((await scene.create()).runTurn("go"));
    expect(ofType(events, "warning")).toEqual([]);
    expect(inputOf(scene.server.requests[0])[0]).toMatchObject({
      tools: [{ tools: [{ name: "exec" }, { name: "wait" }, { name: "request_user_input" }] }],
    });
  });

  test("[core/lite-no-code-mode] that only knows code mode is offered the tools where that is off, with a word about it", async () => {
    await using scene = await startSessionScene(
      [messageExchange("One."), messageExchange("Two.")],
      { model: { ...LITE, tool_mode: "code_mode_only" }, codeMode: "off" },
    );
    const thread = await scene.create();
    const first = await collect(thread.runTurn("go"));
    const second = await collect(thread.runTurn("more"));
    expect(ofType(first, "warning").map(({ message }) => message)).toEqual([
      expect.stringContaining("gpt-lite is made to call tools from code"),
    ]);
    expect(ofType(second, "warning")).toEqual([]);
    expect(inputOf(scene.server.requests[0])[0]).toMatchObject({
      tools: [
        {
          tools: [
            { name: "exec_command" },
            { name: "write_stdin" },
            { name: "request_user_input" },
            { name: "view_image" },
          ],
        },
      ],
    });
  });
});

test("[core/lite-flags] in 0.140 only flags differ", async () => {
  await using scene = await startSessionScene([messageExchange("One.")], {
    model: LITE,
    compatibility: "0.140",
  });
  await scene.once(await scene.create(), "go");
  const [request] = scene.server.requests;
  expect(request?.body).toMatchObject({
    instructions: "Follow the script.",
    parallel_tool_calls: false,
    reasoning: { context: "all_turns" },
    tools: [
      { name: "exec_command" },
      { name: "write_stdin" },
      { name: "update_plan" },
      { name: "request_user_input" },
      { name: "view_image" },
    ],
  });
  expect(shownOf(request)).toEqual([CONTEXT, "user: go"]);
});
