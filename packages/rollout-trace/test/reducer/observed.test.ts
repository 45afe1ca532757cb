// Small rules that no recorded bundle shows; each was seen by giving such a bundle to Codex 0.140 and 0.169.
import { describe, expect, test } from "vitest";
import { memoryBundle, reduceBundle, TraceReadError } from "@codex-ts/rollout-trace/reducer";
import {
  bundle,
  execItem,
  family,
  invocation,
  message,
  requestItems,
  THREAD,
} from "./support/bundle-builder.ts";
import type { BundleBuilder } from "./support/bundle-builder.ts";

const inNothing = { thread: null, turn: null };

/** What strict reading makes of a log whose text was changed. */
async function verdictOf(builder: BundleBuilder, change: (log: string) => string): Promise<string> {
  const log = change(builder.log);
  expect(log).not.toBe(builder.log);
  const source = memoryBundle(builder.files(log));
  const error = await reduceBundle(source, { mode: "strict" }).catch((reason: unknown) => reason);
  return error instanceof TraceReadError ? error.code : "reduces";
}

describe.each([1, 2] as const)("observed, schema %i", (schema) => {
  const ended = (): BundleBuilder =>
    bundle(schema).event("rollout_ended", { status: "completed" }, inNothing);

  test.each([
    ["a member of the envelope twice", '"seq":4', '"seq":4,"seq":4', "event_invalid"],
    [
      "a member of the payload twice",
      '"status":"',
      '"status":"failed","status":"',
      "event_invalid",
    ],
    ["an unknown member twice", '"status":"', '"x":1,"x":2,"status":"', "reduces"],
    ["a number written as a fraction", '"seq":4', '"seq":4.0', "event_invalid"],
    ["a time written as a fraction", ":1040,", ":1040.0,", "event_invalid"],
    ["a time before 1970", ":1040,", ":-1040,", "reduces"],
    ["spaces between members", '"seq":4', '"seq" : 4', "reduces"],
  ])("[trace/S1] a line with %s", async (_, from, to, verdict) => {
    expect(await verdictOf(ended(), (log) => log.replace(from, to))).toBe(verdict);
  });

  test("[trace/S1] lines of odd white space are blank, a byte order mark is not", async () => {
    expect(await verdictOf(ended(), (log) => `${log}\u0085\n`)).toBe("reduces");
    expect(await verdictOf(ended(), (log) => `${log}\ufeff\n`)).toBe("line_invalid");
    expect(await verdictOf(ended(), (log) => `${log}null\n`)).toBe("event_invalid");
  });

  test("[trace/S2] counters have 64 bits", async () => {
    const usage = async (tokens: string): Promise<number | undefined> => {
      const counters = `"input_tokens":${tokens},"cached_input_tokens":0,"output_tokens":0`;
      const text = `{"output_items":[],"token_usage":{${counters},"reasoning_output_tokens":0}}`;
      const state = await bundle(schema).request("a", []).response("a", text).state();
      return state.inference_calls["a"]?.usage?.input_tokens;
    };
    expect(await usage("9223372036854775807")).toBe(2 ** 63);
    expect(await usage("9223372036854775808")).toBeUndefined();
    expect(await usage("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("[trace/S3] a write without result ends with its dispatch", async () => {
    const state = await bundle(schema)
      .tool("w1", "write_stdin", { invocation: invocation("write_stdin", { session_id: 9 }) })
      .toolEnd("w1", undefined, "failed")
      .state();
    expect(state.terminal_operations["terminal_operation:1"]).toMatchObject({
      execution: { status: "failed", ended_seq: 5 },
      result: null,
      raw_payload_ids: ["raw_payload:1"],
    });
  });

  test("[trace/S3] a code-mode result with a member of another type is a value like any other", async () => {
    const value = { output: "x", exit_code: 1.5 };
    const state = await bundle(schema)
      .tool("w1", "write_stdin", { invocation: invocation("write_stdin", { session_id: 9 }) })
      .toolEnd("w1", { type: "code_mode_response", value })
      .state();
    const { result } = state.terminal_operations["terminal_operation:1"] ?? {};
    expect(result?.stdout).toBe('{"output":"x","exit_code":1.5}');
  });

  test("[trace/S4] a code cell has its runtime id from its start", async () => {
    const start = { runtime_cell_id: "7", model_visible_call_id: "c1", source_js: "1" };
    const state = await bundle(schema)
      .request("a", [execItem("c1", "1")])
      .event("code_cell_started", start)
      .state();
    expect(state.code_cells["code_cell:c1"]?.runtime_cell_id).toBe("7");
  });

  test("[trace/S5] the end of a spawn names its effort", async () => {
    const body = {
      call_id: "c1",
      prompt: "p",
      model: "m",
      status: "running",
      new_thread_id: null,
      sender_thread_id: THREAD,
    };
    const end = (reasoning_effort: unknown): BundleBuilder =>
      family(schema)
        .tool("c1", "spawn_agent")
        .runtimeEnd("c1", { ...body, reasoning_effort });
    expect(await end("low").verdict()).toBe("reduces");
    expect(await end(null).verdict()).toBe("payload_shape");
  });

  test("[trace/S6] a payload nobody reads may hold what a payload that is read may not", async () => {
    const builder = bundle(schema);
    for (const text of ['{"half":"\\ud83d"}', `${"[".repeat(200)}${"]".repeat(200)}`]) {
      const event_payload = builder.payloadText("protocol_event", text);
      builder.event("protocol_event_observed", { event_type: "x", event_payload }, inNothing);
    }
    expect(await builder.verdict()).toBe("reduces");
    const read = bundle(schema).request("a", '{"input":[],"half":"\\ud83d"}');
    expect(await read.verdict()).toBe("payload_invalid");
  });

  test("[trace/S7] a second end of a call replaces, in schema 2, what the first one added to the snapshot", async () => {
    const [user, one, two] = [
      message("user", "u"),
      message("assistant", "1"),
      message("assistant", "2"),
    ];
    const state = await bundle(schema)
      .request("a", [user])
      .response("a", [one])
      .cutShort("failed", "a", [two])
      .request("b", [user, one, two])
      .state();
    expect(requestItems(state, "b")).toEqual(schema === 1 ? [1, 2, 3] : [1, 4, 3]);
  });
});

test.each([1, 2] as const)(
  "[trace/S3] schema %i and a namespace that is no string",
  async (schema) => {
    const invoked = invocation("write_stdin", { session_id: 9 }, { tool_namespace: 5 });
    const builder = bundle(schema).tool("w1", "write_stdin", { invocation: invoked });
    expect(await builder.verdict()).toBe(schema === 1 ? "reduces" : "payload_shape");
  },
);

test("[trace/S8] schema 2: a resolved stdin target hands its process id to the write", async () => {
  const begin = (process_id: string | null) => ({ process_id, command: ["sh"], cwd: "/w" });
  const builder = bundle()
    .tool("c1", "exec_command")
    .runtimeStart("c1", begin("0"))
    .tool("c2", "exec_command")
    .runtimeStart("c2", begin(null))
    .event("stdin_target_resolved", { tool_call_id: "c2", exec_tool_call_id: "c1" });
  await builder.state();
  const end = { process_id: "1", exit_code: 0 };
  expect(await builder.runtimeEnd("c2", end).verdict()).toBe("terminal_conflict");
});

test("[trace/S9] schema 2: an accepted agent message whose id any item has makes no item", async () => {
  const sent = {
    type: "agent_message",
    id: "m1",
    author: "/root/helper",
    recipient: "/root",
    content: [{ type: "input_text", text: "note" }],
  };
  // The message is not even looked at then.
  for (const accepted of [sent, { ...sent, id: "m2" }, { ...sent, type: "nonsense" }, {}]) {
    const state = await bundle()
      .request("a", [message("user", "other", { id: "m1" })])
      .accept("m1", accepted)
      .state();
    expect(Object.keys(state.conversation_items)).toEqual(["conversation_item:1"]);
  }
});
