import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ConversationItem } from "@codex-ts/rollout-trace/reducer";
import {
  bundle,
  functionCall,
  functionOutput,
  item,
  message,
  requestItems,
} from "../support/bundle-builder.ts";

/** What one item of a request becomes. */
async function reduced(raw: unknown, schema: 1 | 2 = 2): Promise<ConversationItem> {
  return item(await bundle(schema).request("a", [raw]).state(), 1);
}

/** The same for an item whose text matters. */
async function reducedText(raw: string): Promise<ConversationItem> {
  return item(await bundle().request("a", `{"input":[${raw}]}`).state(), 1);
}

const json = (summary: string) => [{ type: "json", summary, raw_payload_id: "raw_payload:1" }];
const text = (value: string) => [{ type: "text", text: value }];
const reference = (label: string) => [
  { type: "payload_ref", label, raw_payload_id: "raw_payload:1" },
];
const refused = [
  ["no type", { role: "user" }],
  ["a type that is no string", { type: 7 }],
  ["a message without role", { type: "message", content: [] }],
  ["a message of an unknown role", message("robot", "x")],
  ["reasoning with a null summary", { type: "reasoning", summary: null, encrypted_content: "e" }],
  [
    "reasoning with a foreign summary part",
    { type: "reasoning", summary: [{ type: "text", text: "x" }] },
  ],
  ["reasoning with a foreign content part", { type: "reasoning", content: [{ type: "image" }] }],
  [
    "reasoning with a text that is no string",
    { type: "reasoning", content: [{ type: "text", text: 1 }] },
  ],
  ["reasoning with content that is no list", { type: "reasoning", content: "x" }],
  [
    "reasoning with encrypted content that is no string",
    { type: "reasoning", encrypted_content: 1 },
  ],
  ["reasoning without anything", { type: "reasoning", summary: [] }],
  ["a compaction without encrypted content", { type: "compaction" }],
  [
    "an agent message without author",
    { type: "agent_message", recipient: "/root", content: [{ type: "input_text", text: "x" }] },
  ],
  [
    "an agent message without content",
    { type: "agent_message", author: "/root", recipient: "/root", content: [] },
  ],
  [
    "an agent message with foreign content",
    { type: "agent_message", author: "/root", recipient: "/root", content: [{ type: "image" }] },
  ],
] as const;

describe.each([1, 2] as const)("items, schema %i", (schema) => {
  test.each(refused)(
    "[trace/B17] refuses %s, and keeps it as a reference when tolerant",
    async (_, raw) => {
      const builder = bundle(schema).request("a", [raw]);
      expect((await builder.refusal()).code).toBe("item_invalid");
      const { state } = await builder.tolerant();
      expect(item(state, 1).body.parts[0]?.type).toBe("payload_ref");
    },
  );

  test("[trace/B17] roles and phases of messages", async () => {
    for (const role of ["system", "developer", "user", "assistant", "tool"]) {
      const found = await reduced(message(role, "x"), schema);
      expect(found).toMatchObject({ role, kind: "message", call_id: null, channel: null });
    }
    const channels = {
      commentary: "commentary",
      final_answer: "final",
      summary: "summary",
      other: null,
    };
    for (const [phase, channel] of Object.entries(channels))
      expect((await reduced(message("assistant", "x", { phase }), schema)).channel).toBe(channel);
  });

  test("[trace/B17] message content: texts in the open, the rest by reference", async () => {
    const parts = async (content: unknown) =>
      (await reduced({ type: "message", role: "user", content }, schema)).body.parts;
    expect(await parts("a string")).toEqual(reference("content"));
    expect(await parts(undefined)).toEqual(reference("content"));
    expect(await parts([])).toEqual(schema === 1 ? reference("empty_content") : []);
    expect(await parts([{ type: "input_text" }])).toEqual(
      schema === 1 ? reference("empty_content") : [],
    );
    expect(
      await parts([
        { type: "text", text: "x" },
        { type: "output_text", text: "y" },
      ]),
    ).toEqual([...text("x"), ...text("y")]);
    expect(
      (await parts([{ type: "input_image" }, 5, {}])).map((part) => "label" in part && part.label),
    ).toEqual(["input_image", "content", "content"]);
  });

  test("[trace/B17] arguments of function calls", async () => {
    const parts = async (args: unknown) =>
      (await reduced({ type: "function_call", name: "f", call_id: "c", arguments: args }, schema))
        .body.parts;
    expect(await parts(undefined)).toEqual(reference("payload"));
    expect(await parts("")).toEqual(text(""));
    expect(await parts("not json")).toEqual(text("not json"));
    expect(await parts('{"half":"\\ud800"}')).toEqual(text('{"half":"\\ud800"}'));
    expect(await parts("[1, 2]")).toEqual(json("[1,2]"));
    expect(await parts({ a: [true, null] })).toEqual(json('{"a":[true,null]}'));
    expect(await parts(null)).toEqual(json("null"));
  });

  test("[trace/B17] outputs of calls", async () => {
    for (const kind of ["function_call_output", "custom_tool_call_output"]) {
      const parts = async (output: unknown) => {
        const found = await reduced({ type: kind, call_id: "c", output }, schema);
        expect(found).toMatchObject({ role: "tool", channel: "commentary", kind, call_id: "c" });
        return found.body.parts;
      };
      expect(await parts(undefined)).toEqual(reference("tool_output"));
      expect(await parts(null)).toEqual(json("null"));
      expect(await parts("done")).toEqual(text("done"));
      expect(await parts({ ok: 1 })).toEqual(json('{"ok":1}'));
      expect(await parts([])).toEqual(schema === 1 ? reference("empty_content") : []);
      expect(await parts([{ type: "input_text", text: "t" }])).toEqual(text("t"));
    }
  });

  test("[trace/B17] custom calls", async () => {
    const call = { type: "custom_tool_call", call_id: "c", name: "exec", input: "1+1" };
    expect((await reduced(call, schema)).body.parts).toEqual([
      { type: "code", language: "javascript", source: "1+1" },
    ]);
    expect((await reduced({ ...call, namespace: "n" }, schema)).body.parts[0]?.type).toBe("code");
    expect((await reduced({ ...call, name: "apply_patch" }, schema)).body.parts).toEqual(
      text("1+1"),
    );
    const { input: _, ...withoutInput } = call;
    expect((await reduced(withoutInput, schema)).body.parts).toEqual(
      json(JSON.stringify(withoutInput)),
    );
  });

  test("[trace/B17] calls and outputs that are kept whole", async () => {
    for (const type of [
      "tool_search_call",
      "web_search_call",
      "image_generation_call",
      "local_shell_call",
    ])
      expect(await reduced({ type, call_id: "c", status: "done" }, schema)).toMatchObject({
        role: "assistant",
        kind: "function_call",
        call_id: "c",
        body: { parts: json(`{"type":"${type}","call_id":"c","status":"done"}`) },
      });
    for (const type of ["tool_search_output", "mcp_tool_call_output"])
      expect(await reduced({ type, call_id: "c" }, schema)).toMatchObject({
        role: "tool",
        kind: "function_call_output",
        body: { parts: json(`{"type":"${type}","call_id":"c"}`) },
      });
    expect((await reduced({ type: "web_search_call", call_id: 7 }, schema)).call_id).toBeNull();
  });

  test("[trace/B17] encrypted content may be empty; compactions are summaries", async () => {
    for (const type of ["compaction", "compaction_summary", "context_compaction"])
      expect(await reduced({ type, encrypted_content: "" }, schema)).toMatchObject({
        role: "assistant",
        channel: "summary",
        kind: "message",
        body: { parts: [{ type: "encoded", label: "encrypted_content", value: "" }] },
      });
    const empty = await reduced({ type: "reasoning", encrypted_content: "" }, schema);
    expect(empty.body.parts).toEqual([{ type: "encoded", label: "encrypted_content", value: "" }]);
  });

  test("[trace/B20] json bodies are equal when their first 240 bytes are", async () => {
    const long = (end: string) => functionCall("c", `{"a":"${"x".repeat(300)}${end}"}`);
    const state = await bundle(schema)
      .request("1", [long("1")])
      .request("2", [long("2")])
      .state();
    expect(requestItems(state, "2")).toEqual([1]);
  });

  test("[trace/B21] author and recipient are part of an agent message", async () => {
    const from = (author: string) => ({
      type: "agent_message",
      author,
      recipient: "/root",
      content: [
        { type: "input_text", text: "x" },
        { type: "encrypted_content", encrypted_content: "e" },
      ],
    });
    const state = await bundle(schema)
      .request("1", [from("/root/a")])
      .request("2", [from("/root/b")])
      .state();
    expect(requestItems(state, "2")).toEqual([2]);
    expect(item(state, 1).body.parts).toEqual([
      { type: "text", text: "x" },
      { type: "encoded", label: "encrypted_content", value: "e" },
    ]);
  });
});

describe("json summaries", () => {
  const summary = async (args: string): Promise<string> => {
    const [part] = (await reduced(functionCall("c", args))).body.parts;
    return part?.type === "json" ? part.summary : `not json: ${JSON.stringify(part)}`;
  };

  test("[trace/B18] key order, repeated keys and number text are kept", async () => {
    expect(await summary('{ "b":1, "2":0, "a": 3 }')).toBe('{"b":1,"2":0,"a":3}');
    expect(await summary('{"a":1,"b":2,"a":3}')).toBe('{"a":3,"b":2}');
    expect(await summary("[1.0, 1e3, 1E5, 2e-7, -0, 12345678901234567890]")).toBe(
      "[1.0,1e+3,1e+5,2e-7,0,12345678901234567890]",
    );
  });

  test("[trace/B18] only quotes, backslashes and control characters are escaped", async () => {
    expect(await summary('{"k":"\\u00e9\\u2028\\/\\u0007\\n\\ud83d\\ude00"}')).toBe(
      '{"k":"é\u2028/\\u0007\\n😀"}',
    );
  });

  test("[trace/B18] longer than 240 bytes is cut at a character and marked", async () => {
    const exactly = `"${"x".repeat(238)}"`;
    expect(await summary(exactly)).toBe(exactly);
    expect(await summary(`"${"x".repeat(239)}"`)).toBe(`"${"x".repeat(239)}...`);
    expect(await summary(`"${"x".repeat(238)}é"`)).toBe(`"${"x".repeat(238)}...`);
    expect(await summary(`"${"x".repeat(237)}😀"`)).toBe(`"${"x".repeat(237)}...`);
    expect(await summary(`"${"x".repeat(237)}é"`)).toBe(`"${"x".repeat(237)}é...`);
  });

  test("[trace/B18] a whole item keeps its own text too", async () => {
    const found = await reducedText('{"type":"web_search_call", "9":1.50, "1":{"b":1,"a":2}}');
    expect(found.body.parts).toEqual(json('{"type":"web_search_call","9":1.50,"1":{"b":1,"a":2}}'));
  });
});

describe("images", () => {
  const image = { type: "input_image", image_url: "data:x", detail: 1 };
  const sorted = '{"detail":1,"image_url":"data:x","type":"input_image"}';
  const shown = { type: "message", role: "user", content: [image] };

  test("[trace/B19] schema 2 hashes the sorted compact element and recognizes it again", async () => {
    const state = await bundle()
      .request("1", [shown])
      .request("2", [shown, message("user", "more")])
      .state();
    expect(requestItems(state, "2")).toEqual([1, 2]);
    expect(item(state, 1).body.parts).toEqual([
      {
        type: "payload_ref",
        label: "input_image",
        raw_payload_id: "raw_payload:1",
        content_sha256: createHash("sha256").update(sorted).digest("hex"),
      },
    ]);
  });

  test("[trace/B19] schema 1 sees another image in every request, and refuses one in a tool's output", async () => {
    const state = await bundle(1).request("1", [shown]).request("2", [shown]).state();
    expect(requestItems(state, "2")).toEqual([2]);
    const output = functionOutput("c1", [image]);
    const builder = bundle(1)
      .request("1", [output])
      .request("2", [output, message("user", "x")]);
    expect((await builder.refusal()).code).toBe("call_id_reused");
    expect(requestItems((await builder.tolerant()).state, "2")).toEqual([1, 2]);
    const second = await bundle(2).request("1", [output]).request("2", [output]).state();
    expect(requestItems(second, "2")).toEqual([1]);
  });

  test("[trace/B21] schema 2 passes over additional tools, schema 1 does not know them", async () => {
    const tools = { type: "additional_tools", tools: [] };
    const list = [tools, message("user", "a")];
    const state = await bundle()
      .request("1", list)
      .request("2", [...list, tools, message("user", "b")])
      .state();
    expect(requestItems(state, "2")).toEqual([1, 2]);
    expect((await bundle(1).request("1", list).refusal()).code).toBe("item_type_unknown");
  });
});
