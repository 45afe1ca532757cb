import { describe, expect, test } from "vitest";
import type { ResponseEvent } from "@codex-ts/protocol";
import { decodeChunks, sse } from "../support/decode.ts";

const POLICIES = ["0.169", "0.140"] as const;

const textOf = (text: string) => [{ type: "output_text", text }];
const message = (id: string, text: string) => ({
  type: "message",
  id,
  role: "assistant",
  content: textOf(text),
});
const call = (callId: string, more: object = {}) => ({
  type: "function_call",
  id: `fc_${callId}`,
  call_id: callId,
  name: "exec_command",
  arguments: '{"cmd":"ls"}',
  ...more,
});

const done = (item: unknown, more: object = {}) => ({
  type: "response.output_item.done",
  item,
  ...more,
});
const added = (item: object, index: number) => ({
  type: "response.output_item.added",
  output_index: index,
  item,
});
const piece = (type: string, members: object) => ({ type: `response.${type}`, ...members });
const completed = (output?: unknown) => ({
  type: "response.completed",
  response: { id: "r", ...(output !== undefined && { output }) },
});

/** Items and dropped items of a whole response, in short: texts, calls and problems. */
async function outputOf(events: readonly object[], policy: (typeof POLICIES)[number]) {
  const bytes = Buffer.from(events.map(sse).join(""));
  const outcome = await decodeChunks([bytes], { policy });
  expect(outcome.error).toBeUndefined();
  expect(outcome.events.at(-1)?.type).toBe("completed");
  return outcome.events.flatMap(shortForm);
}

function shortForm(event: ResponseEvent): string[] {
  if (event.type === "unreadableItem") return [`dropped ${event.itemType}: ${event.problem}`];
  if (event.type !== "outputItemDone") return [];
  const { item } = event;
  if (item.type === "message") {
    return [item.content.map((part) => ("text" in part ? part.text : part.type)).join("")];
  }
  if (item.type === "function_call") return [`${item.name}(${item.arguments}) ${item.call_id}`];
  if (item.type === "custom_tool_call") return [`${item.name}<${item.input}> ${item.call_id}`];
  return [item.type];
}

/** Text in more pieces than are joined at a time. */
const WORDS = Array.from({ length: 700 }, (_, index) => `word${index} `);

const reasoning = { type: "reasoning", id: "rs_1", summary: [] };

describe.each(POLICIES)(
  "[api/E17] a response that completes loses no output, under %s",
  (policy) => {
    test.each<[string, readonly object[], readonly string[]]>([
      [
        "items only the final response has",
        [completed([reasoning, message("m1", "hi"), call("c1")])],
        ["reasoning", "hi", 'exec_command({"cmd":"ls"}) c1'],
      ],
      ["nothing in the final response", [done(message("m1", "hi")), completed([])], ["hi"]],
      [
        "items the stream had shown",
        [done(message("m1", "hi")), done(call("c1")), completed([message("m1", "hi"), call("c1")])],
        ["hi", 'exec_command({"cmd":"ls"}) c1'],
      ],
      [
        "text of which very many pieces came and no item",
        [
          ...WORDS.map((delta) => piece("output_text.delta", { delta, item_id: "m1" })),
          completed(),
        ],
        [WORDS.join("")],
      ],
      [
        "very many pieces of text, and the whole of it",
        [
          ...WORDS.map((delta) => piece("output_text.delta", { delta, item_id: "m1" })),
          piece("output_text.done", { text: WORDS.join(""), item_id: "m1" }),
          completed(),
        ],
        [WORDS.join("")],
      ],
      [
        "other ids in the final response",
        [
          done(message("m1", "hi")),
          done(call("c1")),
          completed([message("other", "hi"), call("c1", { id: "another" })]),
        ],
        ["hi", 'exec_command({"cmd":"ls"}) c1'],
      ],
      [
        "other ids of everything in the final response",
        [done(call("c1")), done(call("c2")), completed([call("x1"), call("x2")])],
        ['exec_command({"cmd":"ls"}) c1', 'exec_command({"cmd":"ls"}) c2'],
      ],
      [
        "a second call only the final response has",
        [done(call("c1")), completed([call("c1"), call("c2")])],
        ['exec_command({"cmd":"ls"}) c1', 'exec_command({"cmd":"ls"}) c2'],
      ],
      [
        "text whose item never ended",
        [
          piece("output_text.delta", { item_id: "m1", delta: "hel" }),
          piece("output_text.delta", { item_id: "m1", delta: "lo" }),
          completed(),
        ],
        ["hello"],
      ],
      [
        "text without any ids, of two messages",
        [
          piece("output_text.delta", { delta: "one" }),
          done(message("m1", "one")),
          piece("output_text.delta", { delta: "two", output_index: 1 }),
          completed(),
        ],
        ["one", "two"],
      ],
      [
        "text that came whole and again in its item",
        [
          added({ ...message("m1", ""), content: [] }, 0),
          piece("output_text.delta", { item_id: "m1", output_index: 0, delta: "hi" }),
          piece("output_text.done", { item_id: "m1", output_index: 0, text: "hi" }),
          done(message("m1", "hi"), { output_index: 0 }),
          completed(),
        ],
        ["hi"],
      ],
      [
        "text that came whole after its item, under another id",
        [
          piece("output_text.delta", { item_id: "x", delta: "hi" }),
          done(message("m1", "hi")),
          piece("output_text.done", { item_id: "x2", text: "hi" }),
          completed(),
        ],
        ["hi"],
      ],
      [
        "text that only came whole",
        [piece("output_text.done", { item_id: "m1", text: "hi" }), completed()],
        ["hi"],
      ],
      [
        "a call whose item never ended",
        [
          added(call("c1", { arguments: "" }), 0),
          piece("function_call_arguments.delta", { item_id: "fc_c1", delta: '{"cmd":' }),
          piece("function_call_arguments.delta", { item_id: "fc_c1", delta: '"pwd"}' }),
          completed(),
        ],
        ['exec_command({"cmd":"pwd"}) c1'],
      ],
      [
        "a call whose arguments only came whole",
        [
          added(call("c1", { arguments: "" }), 0),
          piece("function_call_arguments.done", { item_id: "fc_c1", arguments: '{"cmd":"id"}' }),
          completed(),
        ],
        ['exec_command({"cmd":"id"}) c1'],
      ],
      [
        "a call of a free form that never ended",
        [
          added({ type: "custom_tool_call", id: "ct", call_id: "c1", name: "patch", input: "" }, 0),
          piece("custom_tool_call_input.delta", { item_id: "ct", delta: "*** Begin" }),
          completed(),
        ],
        ["patch<*** Begin> c1"],
      ],
      [
        "a call that began and said nothing",
        [added(call("c1", { arguments: "" }), 0), completed()],
        ["dropped function_call: it began and never ended"],
      ],
      [
        "thoughts that never ended",
        [added(reasoning, 0), completed()],
        ["dropped reasoning: it began and never ended"],
      ],
      ["an empty message", [added({ ...message("m1", ""), content: [] }, 0), completed()], []],
      [
        "an item the stream could not show and the final response can",
        [done({ type: "compaction" }), completed([{ type: "compaction", encrypted_content: "e" }])],
        ["compaction"],
      ],
      [
        "an item nobody can read",
        [done({ type: "image_generation_call", id: "ig" }), completed()],
        ["dropped image_generation_call: it has no status and no result"],
      ],
    ])("%s", async (_what, events, expected) => {
      expect(await outputOf(events, policy)).toEqual(expected);
    });
  },
);

describe.each(POLICIES)(
  "[api/E18] an item is put right where its meaning is not in doubt, under %s",
  (policy) => {
    test.each<[string, object, string]>([
      [
        "arguments as an object",
        call("c1", { arguments: { cmd: "ls" } }),
        'exec_command({"cmd":"ls"}) c1',
      ],
      ["arguments as a list", call("c1", { arguments: [1] }), "exec_command([1]) c1"],
      ["arguments as a number", call("c1", { arguments: 5 }), "exec_command(5) c1"],
      ["no arguments", call("c1", { arguments: undefined }), "exec_command() c1"],
      ["null arguments", call("c1", { arguments: null }), "exec_command() c1"],
      ["no call id", call("c1", { call_id: undefined }), 'exec_command({"cmd":"ls"}) fc_c1'],
      [
        "a call id that is a number",
        call("c1", { call_id: 7 }),
        'exec_command({"cmd":"ls"}) fc_c1',
      ],
      [
        "neither id",
        call("c1", { call_id: null, id: 5 }),
        'exec_command({"cmd":"ls"}) call_<uuid>',
      ],
      ["no name", call("c1", { name: undefined }), 'unknown({"cmd":"ls"}) c1'],
      ["a namespace that is none", call("c1", { namespace: 5 }), 'exec_command({"cmd":"ls"}) c1'],
      [
        "input as an object",
        { type: "custom_tool_call", call_id: "c1", name: "patch", input: { patch: "x" } },
        'patch<{"patch":"x"}> c1',
      ],
      ["content as a text", { type: "message", role: "assistant", content: "plain" }, "plain"],
      ["content as one part", { type: "message", role: "assistant", content: textOf("p")[0] }, "p"],
      ["texts as parts", { type: "message", role: "assistant", content: ["a", "b"] }, "ab"],
      ["parts named otherwise", { type: "message", content: [{ type: "text", text: "t" }] }, "t"],
      [
        "a refusal",
        { type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
        "No.",
      ],
      [
        "parts nobody can read",
        { type: "message", role: "assistant", content: [{ type: "audio", data: "x" }] },
        "dropped message: a member has another type than it should",
      ],
      ["an unknown phase", { ...message("m1", "hi"), phase: { a: 1 } }, "hi"],
      ["thoughts without a summary", { type: "reasoning", id: "rs" }, "reasoning"],
      ["thoughts as a text", { type: "reasoning", summary: "because" }, "reasoning"],
    ])("%s", async (_what, item, expected) => {
      const [output, ...others] = await outputOf([done(item), completed()], policy);
      expect(others).toEqual([]);
      expect(output?.replace(/call_[0-9a-f-]{36}$/, "call_<uuid>")).toBe(expected);
    });
  },
);

test("[api/E17] a server that begins items without an end fills no memory and stops nothing", async () => {
  const events = Array.from({ length: 5000 }, (_, index) => added(call(`c${index}`), index));
  const output = await outputOf([...events, completed()], "0.169");
  expect(output.length).toBeLessThanOrEqual(1000);
});
