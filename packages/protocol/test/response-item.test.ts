import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResponseItem } from "@codex-ts/protocol";
import {
  readResponseItem,
  toRawItem,
  toTraceItem,
  toWireItem,
  withItemId,
} from "@codex-ts/protocol";
import { ITEM_CASES } from "./support/items.ts";

function read(value: unknown): ResponseItem {
  const item = readResponseItem(value);
  if (item === undefined) throw new Error("the item does not parse");
  return item;
}

const wireText = (value: unknown): string =>
  JSON.stringify(toWireItem(read(value), { itemIds: "omit" }));

const reasoning = (content: unknown): object => ({
  type: "reasoning",
  id: "rs_1",
  summary: [],
  ...(content === undefined ? {} : { content }),
});

const withOutput = (output: unknown): ResponseItem | undefined =>
  readResponseItem({ type: "function_call_output", call_id: "c", output });

describe("reading and writing", () => {
  test.each(ITEM_CASES)("[protocol/P1] [protocol/P12] $name", ({ received, wire }) => {
    expect(wireText(received)).toBe(wire);
    expect(wireText(JSON.parse(wire))).toBe(wire);
    expect(toRawItem(read(received))).toBe(received);
  });

  test("hands out the received object itself when nothing has to change", () => {
    const received = { type: "message", role: "user", content: [], future: { member: 1 } };
    expect(readResponseItem(received)).toBe(received);
  });

  test("[protocol/P13] null of an optional member is the same as absent", () => {
    const received = {
      type: "function_call",
      name: "f",
      namespace: null,
      arguments: "{}",
      call_id: "c",
      id: null,
    };
    const item = read(received);
    expect(Object.keys(item)).toEqual(["type", "name", "arguments", "call_id"]);
    expect(wireText(received)).toBe(
      '{"type":"function_call","name":"f","arguments":"{}","call_id":"c"}',
    );
    expect(toRawItem(item)).toBe(received);
    expect(received.namespace).toBeNull();
    expect(
      wireText({ type: "web_search_call", status: null, action: { type: "open_page", url: null } }),
    ).toBe('{"type":"web_search_call","action":{"type":"open_page"}}');
  });

  test("any item of JSON either does not parse or is written to a fixed point", () => {
    const kinds = ITEM_CASES.map(({ received }) => received);
    const mutated = fc
      .tuple(
        fc.constantFrom(...kinds),
        fc.dictionary(
          fc.constantFrom(
            "id",
            "role",
            "content",
            "output",
            "call_id",
            "status",
            "action",
            "__proto__",
            "summary",
          ),
          fc.jsonValue(),
        ),
      )
      .map(([item, changes]) => ({ ...item, ...changes }));
    fc.assert(
      fc.property(mutated, (value) => {
        const item = readResponseItem(value);
        if (item === undefined) return;
        // Not the request form: that leaves reasoning content out, which reads back as unset.
        const trace = toTraceItem(item, { itemIds: "omit" });
        const again = trace && toTraceItem(read(trace), { itemIds: "omit" });
        expect(JSON.stringify(again)).toBe(JSON.stringify(trace));
        expect(toRawItem(item)).toBe(value);
      }),
    );
  });
});

describe("unknown kinds", () => {
  test("[protocol/P2] an unknown type is kept whole and left out of requests and traces", () => {
    const received = { type: "future_item", id: "x", payload: { a: 1 } };
    const item = read(received);
    expect(item).toEqual({ type: "other", raw: received });
    expect(toRawItem(item)).toBe(received);
    expect(toWireItem(item, { itemIds: "keep" })).toBeUndefined();
    expect(toTraceItem(item, { itemIds: "keep" })).toBeUndefined();
    expect(read({ type: "other" })).toEqual({ type: "other", raw: { type: "other" } });
  });

  test.each(["constructor", "__proto__", "toString", ""])(
    "a type named %j is unknown, too",
    (type) => {
      expect(read({ type })).toEqual({ type: "other", raw: { type } });
    },
  );

  test("[protocol/P3] a compaction summary is a compaction", () => {
    const received = { type: "compaction_summary", encrypted_content: "e", id: "cmp_1" };
    const item = read(received);
    expect(item.type).toBe("compaction");
    expect(wireText(received)).toBe('{"type":"compaction","encrypted_content":"e"}');
    expect(toRawItem(item)).toBe(received);
  });

  test("[protocol/P11] an unknown web search action leaves the item valid", () => {
    const received = { type: "web_search_call", action: { type: "teleport", url: "u" } };
    expect(read(received)).toEqual({ type: "web_search_call", action: { type: "other" } });
    expect(wireText(received)).toBe('{"type":"web_search_call","action":{"type":"other"}}');
    expect(toRawItem(read(received))).toBe(received);
  });
});

describe("items that do not parse", () => {
  test.each([
    ["no object", [null, "message", 7, [], [{ type: "message" }], undefined]],
    ["no type", [{}, { role: "user", content: [] }, { type: 7 }]],
  ])("%s", (_name, values) => {
    for (const value of values) expect(readResponseItem(value)).toBeUndefined();
  });

  const message = { type: "message", role: "assistant" };

  test.each([
    [{ ...message }],
    [{ ...message, content: null }],
    [{ ...message, content: "hi" }],
    [{ ...message, content: { type: "input_text", text: "hi" } }],
    [{ ...message, content: [{ type: "refusal", refusal: "no" }] }],
    [{ ...message, content: [{ type: "input_text", text: "hi" }, { type: "output_text" }] }],
    [{ ...message, content: [{ type: "input_image", image_url: "u", detail: "huge" }] }],
    [{ ...message, content: [null] }],
    [{ type: "message", content: [] }],
    [{ ...message, content: [], phase: "thinking" }],
    [{ ...message, content: [], id: 7 }],
  ])("[protocol/P4] %j", (value) => {
    expect(readResponseItem(value)).toBeUndefined();
  });

  test.each([[{ a: 1 }], [null], [undefined]])(
    "[protocol/P5] a function call whose arguments are %j",
    (args) => {
      const call = { type: "function_call", name: "f", call_id: "c", arguments: args };
      expect(readResponseItem(call)).toBeUndefined();
    },
  );

  test.each([
    ["message", ["role", "content"]],
    ["agent_message", ["author", "recipient", "content"]],
    ["reasoning", ["summary"]],
    ["local_shell_call", ["status", "action"]],
    ["function_call", ["name", "arguments", "call_id"]],
    ["tool_search_call", ["execution", "arguments"]],
    ["function_call_output", ["call_id", "output"]],
    ["custom_tool_call", ["call_id", "name", "input"]],
    ["custom_tool_call_output", ["call_id", "output"]],
    ["tool_search_output", ["status", "execution", "tools"]],
    ["image_generation_call", ["status", "result"]],
    ["compaction", ["encrypted_content"]],
  ])("%s without one of %j", (type, required) => {
    const received = ITEM_CASES.find((itemCase) => itemCase.received["type"] === type)?.received;
    expect(readResponseItem(received)).toBeDefined();
    for (const member of required) {
      const { [member]: _removed, ...rest } = received ?? {};
      expect([member, readResponseItem(rest)]).toEqual([member, undefined]);
    }
  });
});

describe("ids", () => {
  const withId = ITEM_CASES.filter(({ received }) => typeof received["id"] === "string");

  test("every kind that has an id is covered", () => {
    expect(new Set(withId.map(({ received }) => received["type"])).size).toBe(13);
  });

  test.each(withId)(
    "[protocol/P6] $name: in memory always, on the wire when asked for",
    ({ received, wire }) => {
      const item = read(received);
      expect("id" in item && item.id).toBe(received["id"]);
      const isImage = received["type"] === "image_generation_call";
      expect(wire.includes('"id":')).toBe(isImage);
      const kept = JSON.stringify(toWireItem(item, { itemIds: "keep" }));
      const head = `{"type":"${String(received["type"])}","id":"${String(received["id"])}",`;
      expect(kept.startsWith(head)).toBe(true);
      expect(kept.replace(head, isImage ? head : `{"type":"${String(received["type"])}",`)).toBe(
        wire,
      );
    },
  );

  test("[protocol/P6] an empty id is none", () => {
    const item = read({ type: "reasoning", id: "", summary: [] });
    expect(toWireItem(item, { itemIds: "keep" })).not.toHaveProperty("id");
    expect(toWireItem(item, { itemIds: "azure" })).not.toHaveProperty("id");
  });

  test.each([7, null, undefined, ""])("%j is no id for an item in wire form", (id) => {
    const wire = { type: "message", role: "user", content: [] };
    for (const itemIds of ["keep", "azure", "omit"] as const) {
      expect(withItemId(wire, id, { itemIds })).toBe(wire);
    }
    expect(withItemId({}, "a", { itemIds: "keep" })).toEqual({});
  });

  test.each(withId)(
    "Azure gets the ids of messages, reasoning and calls as last member: $name",
    ({ received, wire }) => {
      const type = String(received["type"]);
      const written = JSON.stringify(toWireItem(read(received), { itemIds: "azure" }));
      const gets =
        /^(reasoning|message|web_search_call|function_call|tool_search_call|local_shell_call|custom_tool_call)$/.test(
          type,
        );
      expect(written).toBe(gets ? `${wire.slice(0, -1)},"id":"${String(received["id"])}"}` : wire);
    },
  );
});

describe("details", () => {
  const before = '{"type":"reasoning","summary":[],';
  const after = '"encrypted_content":null}';

  test.each([
    [undefined, '"content":null,', '"content":null,'],
    [null, '"content":null,', '"content":null,'],
    [[], "", '"content":[],'],
    [[{ type: "text", text: "t" }], "", '"content":[{"type":"text","text":"t"}],'],
    [
      [{ type: "reasoning_text", text: "t" }],
      '"content":[{"type":"reasoning_text","text":"t"}],',
      '"content":[{"type":"reasoning_text","text":"t"}],',
    ],
  ])("[protocol/P7] reasoning content %j; a trace keeps it", (value, inRequest, inTrace) => {
    expect(wireText(reasoning(value))).toBe(`${before}${inRequest}${after}`);
    const item = read(reasoning(value));
    expect(JSON.stringify(toTraceItem(item, { itemIds: "omit" }))).toBe(
      `${before}${inTrace}${after}`,
    );
    expect(JSON.stringify(toTraceItem(item, { itemIds: "keep" }))).toBe(
      `{"type":"reasoning","id":"rs_1","summary":[],${inTrace}${after}`,
    );
  });

  test("[protocol/P8] a local shell call with only a command has four nulls", () => {
    expect(
      wireText({
        type: "local_shell_call",
        call_id: null,
        status: "completed",
        action: { type: "exec", command: ["ls"] },
      }),
    ).toBe(
      '{"type":"local_shell_call","call_id":null,"status":"completed","action":{"type":"exec","command":["ls"],"timeout_ms":null,"working_directory":null,"env":null,"user":null}}',
    );
  });

  test("[protocol/P9] tool output is a text or a list of known parts", () => {
    expect(withOutput("x")).toHaveProperty("output", "x");
    expect(withOutput([])).toHaveProperty("output", []);
    expect(withOutput({ text: "x" })).toBeUndefined();
    expect(withOutput(undefined)).toBeUndefined();
    expect(withOutput([{ type: "output_text", text: "x" }])).toBeUndefined();
    expect(withOutput([{ type: "input_text", text: "x" }, "y"])).toBeUndefined();
  });
});
