import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventMsg } from "@codex-ts/protocol";
import {
  decodeOutputChunk,
  encodeOutputChunk,
  readEventMsg,
  readPlanUpdate,
  readSessionEvent,
  toWireEventMsg,
} from "@codex-ts/protocol";
import { EVENTS } from "./support/events.ts";

function read(value: unknown): EventMsg {
  const event = readEventMsg(value);
  if (event === undefined) throw new Error("the event does not fit");
  return event;
}

const written = (value: unknown): string => JSON.stringify(toWireEventMsg(read(value)));

const parsed = EVENTS.map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);

const mcpEnd = (result: unknown): string =>
  written({
    type: "mcp_tool_call_end",
    call_id: "c",
    invocation: { server: "s", tool: "t", arguments: {} },
    duration: { secs: 0, nanos: 0 },
    result,
  });

describe("events of the tables", () => {
  test.each(EVENTS)("[protocol/P29] %s", (text) => {
    const value = JSON.parse(text) as { readonly type: string };
    expect(written(value)).toBe(text);
    expect(read(value).type).toBe(value.type);
  });

  test.each(parsed.filter(({ type }) => type !== "plan_update"))(
    "[protocol/P12] $type drops unknown members on output, whatever the order",
    (event) => {
      const shuffled = Object.fromEntries(Object.entries({ future: 1, ...event }).toReversed());
      expect(written(shuffled)).toBe(JSON.stringify(event));
    },
  );

  test("an event is handed out as it was received when nothing has to change", () => {
    const received = { type: "warning", message: "w", future: 1 };
    expect(read(received)).toBe(received);
  });

  test("any event of JSON either does not fit or is written to a fixed point", () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...parsed),
        fc.dictionary(fc.constantFrom(...parsed.flatMap(Object.keys)), fc.jsonValue(), {
          maxKeys: 3,
        }),
      )
      .map(([event, changes]) => ({ ...event, ...changes }));
    fc.assert(
      fc.property(mutated, (value) => {
        const event = readEventMsg(value);
        if (event === undefined) return;
        const text = JSON.stringify(toWireEventMsg(event));
        expect(written(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe("names", () => {
  test.each([
    [
      "turn_started",
      '{"type":"task_started","turn_id":"t","model_context_window":null,"collaboration_mode_kind":"default"}',
    ],
    ["turn_complete", '{"type":"task_complete","turn_id":"t","last_agent_message":null}'],
  ])("[protocol/P28] %s is an older name", (type, text) => {
    expect(written({ type, turn_id: "t" })).toBe(text);
  });

  test("a kind without a table is kept as it is", () => {
    const received = { type: "collab_waiting_end", call_id: "c", statuses: {} };
    expect(read(received)).toEqual({ type: "other", raw: received });
    expect(toWireEventMsg(read(received))).toBe(received);
    const odd = { type: "constructor" };
    expect(read(odd)).toEqual({ type: "other", raw: odd });
  });
});

describe("defaults", () => {
  test.each([
    [
      {
        type: "session_configured",
        session_id: "s",
        thread_id: null,
        model: "m",
        model_provider_id: "p",
        approval_policy: "never",
        permission_profile: null,
        cwd: "/",
      },
      { thread_id: "s", approvals_reviewer: "user" },
    ],
    [{ type: "agent_reasoning_section_break" }, { item_id: "", summary_index: 0 }],
    [
      { type: "task_started", turn_id: "t", collaboration_mode_kind: "pair_programming" },
      { model_context_window: null, collaboration_mode_kind: "default" },
    ],
    [
      {
        type: "item_started",
        thread_id: "a",
        turn_id: "b",
        item: { type: "Plan", id: "i", text: "" },
      },
      { started_at_ms: 0 },
    ],
    [
      { type: "agent_message", message: "m" },
      { phase: null, memory_citation: null },
    ],
    [
      { type: "error", message: "m", codex_error_info: "something_new" },
      { codex_error_info: "other" },
    ],
    [
      { type: "error", message: "m", codex_error_info: { something_new: {} } },
      { codex_error_info: "other" },
    ],
    [
      {
        type: "exec_command_end",
        call_id: "c",
        turn_id: "t",
        command: [],
        cwd: "/",
        exit_code: 0,
        duration: { secs: 0, nanos: 1 },
        status: "completed",
        aggregated_output: "x",
      },
      { stdout: "", stderr: "", formatted_output: "", source: "agent", completed_at_ms: 0 },
    ],
  ])("[protocol/P13] %j", (received, defaults) => {
    expect(read(received)).toMatchObject(defaults);
  });

  test("reach into maps, whatever their keys", () => {
    const event = read({
      type: "patch_apply_updated",
      call_id: "c",
      changes: JSON.parse('{"__proto__":{"type":"update","unified_diff":"@@"}}') as unknown,
    });
    const changes = event.type === "patch_apply_updated" ? event.changes : {};
    expect(Object.entries(changes)).toEqual([
      ["__proto__", { type: "update", unified_diff: "@@", move_path: null }],
    ]);
    expect(JSON.stringify(toWireEventMsg(event))).toContain('{"__proto__":{"type":"update",');
  });

  test("lists of image details are left out when empty", () => {
    expect(
      written({ type: "user_message", message: "m", image_details: [], local_image_details: [] }),
    ).toBe('{"type":"user_message","message":"m","local_images":[],"text_elements":[]}');
  });
});

describe("events that do not fit", () => {
  test.each([
    null,
    "warning",
    {},
    { type: "warning" },
    { type: "turn_aborted", reason: "bored" },
    { type: "exec_command_output_delta", call_id: "c", stream: "stdout", chunk: "no base64!" },
    { type: "exec_command_output_delta", call_id: "c", stream: "stdin", chunk: "" },
    {
      type: "mcp_tool_call_end",
      call_id: "c",
      invocation: { server: "s", tool: "t" },
      duration: { secs: 0, nanos: 0 },
      result: { ok: { content: [] } },
    },
    {
      type: "mcp_tool_call_end",
      call_id: "c",
      invocation: { server: "s", tool: "t" },
      duration: "1s",
      result: { Err: "e" },
    },
    { type: "raw_response_item", item: { type: "message" } },
    { type: "thread_rolled_back", num_turns: 1.5 },
  ])("%j", (value) => {
    expect(readEventMsg(value)).toBeUndefined();
  });

  test.each([
    [{ explanation: null, plan: [], extra: 1 }],
    [{ plan: [{ step: "s", status: "pending", extra: 1 }] }],
    [{ plan: [{ step: "s", status: "done" }] }],
    [{ explanation: "e" }],
  ])("[protocol/P37] a plan update like %j", (members) => {
    expect(readPlanUpdate(members)).toBeUndefined();
    expect(readEventMsg({ type: "plan_update", ...members })).toBeUndefined();
  });

  test("[protocol/P37] the same without unknown members fits", () => {
    expect(readPlanUpdate({ plan: [{ step: "s", status: "pending" }] })).toEqual({
      explanation: null,
      plan: [{ step: "s", status: "pending" }],
    });
  });
});

describe("bytes of commands", () => {
  test("[protocol/P30] bytes that are no UTF-8 survive", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const chunk = encodeOutputChunk(bytes);
        expect(chunk).toBe(Buffer.from(bytes).toString("base64"));
        const event = read({
          type: "exec_command_output_delta",
          call_id: "c",
          stream: "stdout",
          chunk,
        });
        expect(
          event.type === "exec_command_output_delta" && decodeOutputChunk(event.chunk),
        ).toEqual(bytes);
      }),
    );
  });
});

describe("results of MCP calls", () => {
  test("[protocol/P31] an answer is `Ok`, even one that reports an error", () => {
    expect(mcpEnd({ Ok: { content: [], isError: true, extra: 1 } })).toContain(
      '"result":{"Ok":{"content":[],"isError":true}}',
    );
  });

  test("[protocol/P31] a call without an answer is `Err`", () => {
    expect(mcpEnd({ Err: "gone" })).toContain('"result":{"Err":"gone"}');
  });
});

test("an event comes with the id of what it answers", () => {
  const msg = { type: "warning", message: "w" };
  expect(readSessionEvent({ id: "sub-1", msg })).toEqual({ id: "sub-1", msg });
  expect(readSessionEvent({ id: 1, msg })).toBeUndefined();
  expect(readSessionEvent({ id: "sub-1", msg: {} })).toBeUndefined();
});
