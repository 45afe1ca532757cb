import { describe, expect, test } from "vitest";
import type { ReducedTrace, TerminalOperation } from "@codex-ts/rollout-trace/reducer";
import {
  bundle,
  CHILD,
  family,
  functionCall,
  functionOutput,
  inChild,
  invocation,
} from "../support/bundle-builder.ts";
import type { BundleBuilder } from "../support/bundle-builder.ts";

const begin = (process: string | null, extra: object = {}) => ({
  process_id: process,
  command: ["bash", "-lc", "ls"],
  cwd: "/w",
  ...extra,
});
const end = (process: string | null, extra: object = {}) => ({
  process_id: process,
  stdout: "out",
  stderr: "err",
  aggregated_output: "both",
  exit_code: 3,
  formatted_output: "shown",
  ...extra,
});
const stdin = (args: unknown, extra: object = {}) => ({
  invocation: invocation("write_stdin", args, extra),
});

function operation(state: ReducedTrace, number: number): TerminalOperation | undefined {
  return state.terminal_operations[`terminal_operation:${number}`];
}

/** One command with a process. */
function command(builder: BundleBuilder, tool: string, process: string | null): BundleBuilder {
  return builder.tool(tool, "exec_command").runtimeStart(tool, begin(process));
}

describe.each([1, 2] as const)("terminals, schema %i", (schema) => {
  test("[trace/A41] a command is an operation in a session, seen by the model through its items", async () => {
    const call = functionCall("c1", "{}");
    const builder = bundle(schema).request("a", []).response("a", [call]);
    const state = await command(builder, "c1", "9")
      .runtimeEnd("c1", end("9"))
      .toolEnd("c1", { type: "direct_response", response_item: {} })
      .request("b", [call, functionOutput("c1", "x")])
      .state();
    const session = schema === 1 ? "9" : "terminal_session:terminal_operation:1";
    expect(operation(state, 1)).toEqual({
      operation_id: "terminal_operation:1",
      terminal_id: session,
      tool_call_id: "c1",
      kind: "exec_command",
      execution: expect.objectContaining({
        status: "completed",
        started_seq: 7,
        ended_seq: 8,
      }) as unknown,
      request: {
        type: "exec_command",
        command: ["bash", "-lc", "ls"],
        display_command: "bash -lc ls",
        cwd: "/w",
        yield_time_ms: null,
        max_output_tokens: null,
      },
      result: {
        exit_code: 3,
        stdout: schema === 1 ? "out" : "both",
        stderr: schema === 1 ? "err" : "",
        formatted_output: schema === 1 ? "shown" : null,
        original_token_count: null,
        chunk_id: null,
      },
      model_observations: [
        {
          call_item_ids: ["conversation_item:1"],
          output_item_ids: ["conversation_item:2"],
          source: "direct_tool_call",
        },
      ],
      raw_payload_ids: ["raw_payload:3", "raw_payload:4"],
    });
    expect(state.tool_calls["c1"]?.summary).toEqual({
      type: "terminal",
      operation_id: "terminal_operation:1",
    });
    expect(state.terminal_sessions[session]).toMatchObject({
      operation_ids: ["terminal_operation:1"],
      execution: { status: "running", ended_at_unix_ms: null },
    });
  });

  test("[trace/A42] a write the runtime reports joins the session of its process", async () => {
    const state = await command(bundle(schema), "c1", "9")
      .tool("w1", "write_stdin")
      .runtimeStart("w1", begin("9", { interaction_input: "y\n" }), "write_stdin")
      .state();
    expect(operation(state, 2)?.request).toMatchObject({ type: "write_stdin", stdin: "y\n" });
    expect(operation(state, 2)?.terminal_id).toBe(operation(state, 1)?.terminal_id);
    expect(Object.values(state.terminal_sessions)).toHaveLength(1);
  });

  test("[trace/A43] a write known from its dispatch alone ends with what the model was told", async () => {
    const response = (response_item: object) => ({ type: "direct_response", response_item });
    const run = async (result: object): Promise<TerminalOperation | undefined> => {
      const args = { session_id: 9, chars: "ls\n", yield_time_ms: 250, max_output_tokens: 100 };
      const state = await bundle(schema)
        .tool("w1", "write_stdin", stdin(args))
        .toolEnd("w1", result)
        .state();
      return operation(state, 1);
    };
    expect(await run(response(functionOutput("w1", "text")))).toMatchObject({
      kind: "write_stdin",
      execution: { status: "completed" },
      request: { stdin: "ls\n", yield_time_ms: 250, max_output_tokens: 100 },
      result: { exit_code: null, stdout: "text", stderr: "", formatted_output: "text" },
      raw_payload_ids: ["raw_payload:1", "raw_payload:2"],
    });
    const list = [
      { type: "input_text", text: "a" },
      { type: "image" },
      { type: "input_text", text: "b" },
    ];
    expect((await run(response(functionOutput("w1", list))))?.result?.stdout).toBe("a\nb");
    expect((await run(response(functionOutput("w1", { n: 1 }))))?.result?.stdout).toBe('{"n":1}');
    expect((await run(response({ z: 1, a: null })))?.result?.stdout).toBe('{"z":1,"a":null}');
    expect((await run({ type: "error", error: "no" }))?.result).toMatchObject({
      stdout: "",
      stderr: "no",
      formatted_output: "no",
    });
  });

  test("[trace/A44] a code-mode result brings exit code, token count and chunk", async () => {
    const run = async (value: unknown) => {
      const builder = bundle(schema).tool("w1", "write_stdin", stdin({ session_id: "s" }));
      const state = await builder.toolEnd("w1", { type: "code_mode_response", value }).state();
      return operation(state, 1)?.result;
    };
    expect(
      await run({ output: "o", exit_code: 0, original_token_count: 5, chunk_id: "c" }),
    ).toEqual({
      exit_code: 0,
      stdout: "o",
      stderr: "",
      formatted_output: "o",
      original_token_count: 5,
      chunk_id: "c",
    });
    expect(await run("plain")).toMatchObject({ stdout: "plain", formatted_output: "plain" });
    expect(await run({ other: 1.0 })).toMatchObject({ stdout: '{"other":1}' });
    expect(await run(null)).toMatchObject({ stdout: "null" });
  });

  test("[trace/B28] a second runtime start of a command is refused; an end without start only keeps its payload", async () => {
    const twice = command(bundle(schema), "c1", "9").runtimeStart("c1", begin("9"));
    expect((await twice.refusal()).code).toBe("terminal_conflict");
    const state = await bundle(schema)
      .tool("c1", "exec_command")
      .runtimeEnd("c1", end("9"))
      .state();
    expect(state.terminal_operations).toEqual({});
    expect(state.tool_calls["c1"]?.raw_runtime_payload_ids).toEqual(["raw_payload:1"]);
    const again = command(bundle(schema), "c1", "9")
      .runtimeEnd("c1", end("9"))
      .runtimeEnd("c1", end("9", { exit_code: 7 }), "failed");
    expect(operation(await again.state(), 1)).toMatchObject({
      result: { exit_code: 7 },
      execution: { status: "failed" },
    });
  });

  test("[trace/B29] once the runtime spoke, the dispatcher's result does not end the operation", async () => {
    const state = await command(bundle(schema), "c1", "9")
      .toolEnd("c1", { type: "error", error: "x" })
      .state();
    expect(operation(state, 1)).toMatchObject({ result: null, execution: { status: "running" } });
    const late = command(bundle(schema), "c1", "9").toolEnd("c1").runtimeEnd("c1", end("9"));
    expect(operation(await late.state(), 1)?.result?.exit_code).toBe(3);
  });

  test("[trace/B30] session ids of writes: text, and numbers as written", async () => {
    for (const [args, session] of [
      ['{"session_id":"abc"}', "abc"],
      ['{"session_id":17}', "17"],
      ['{"session_id":-4}', "-4"],
      ['{"session_id":1.50}', "1.50"],
    ] as const) {
      const state = await bundle(schema).tool("w1", "write_stdin", stdin(args)).state();
      const terminal = schema === 1 ? session : "terminal_session:terminal_operation:1";
      expect(operation(state, 1)).toMatchObject({ terminal_id: terminal, request: { stdin: "" } });
    }
  });

  test("[trace/B30] malformed arguments are refused in schema 1 and make no operation in schema 2", async () => {
    for (const args of [
      "{broken",
      "[]",
      "{}",
      '{"session_id":""}',
      '{"session_id":null}',
      '{"session_id":[1]}',
      '{"session_id":1,"chars":null}',
      '{"session_id":1,"yield_time_ms":-1}',
      '{"session_id":1,"yield_time_ms":1.0}',
      '{"session_id":1,"max_output_tokens":"x"}',
    ]) {
      const builder = bundle(schema).tool("w1", "write_stdin", stdin(args));
      expect(await builder.verdict()).toBe(schema === 1 ? "payload_shape" : "reduces");
      expect((await builder.tolerant()).state.terminal_operations).toEqual({});
    }
  });

  test("[trace/B30] an invocation of another tool or form is refused, a namespace means another tool in schema 2", async () => {
    for (const wrong of [
      invocation("other", { session_id: 1 }),
      { tool_name: "write_stdin", payload: { type: "custom", input: "x" } },
      { payload: { type: "function", arguments: '{"session_id":1}' } },
    ]) {
      const builder = bundle(schema).tool("w1", "write_stdin", { invocation: wrong });
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
    const named = bundle(schema).tool(
      "w1",
      "write_stdin",
      stdin({ session_id: 1 }, { tool_namespace: "n" }),
    );
    expect(Object.keys((await named.state()).terminal_operations)).toHaveLength(
      schema === 1 ? 1 : 0,
    );
    const none = bundle(schema).tool("w1", "write_stdin");
    expect((await none.state()).terminal_operations).toEqual({});
  });

  test("[trace/B32] a process id may come with the end, and must not change", async () => {
    const late = command(bundle(schema), "c1", null).runtimeEnd("c1", end("9"));
    const state = await late.state();
    expect(operation(state, 1)?.terminal_id).not.toBeNull();
    expect(Object.values(state.terminal_sessions)[0]?.execution.started_seq).toBe(5);
    const changed = command(bundle(schema), "c1", "9").runtimeEnd("c1", end("10"));
    expect((await changed.refusal()).code).toBe("terminal_conflict");
  });

  test("bodies that are no begin or no end of a command are refused", async () => {
    for (const body of [
      {},
      [],
      begin(null, { command: [1] }),
      begin(null, { cwd: 1 }),
      begin(null, { process_id: 5 }),
    ]) {
      const builder = bundle(schema).tool("c1", "exec_command").runtimeStart("c1", body);
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
    const incomplete =
      schema === 1 ? ["stdout", "stderr", "exit_code", "formatted_output"] : ["exit_code"];
    for (const member of incomplete) {
      const builder = command(bundle(schema), "c1", "9").runtimeEnd(
        "c1",
        end("9", { [member]: undefined }),
      );
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
  });
});

test("[trace/B31] schema 2: a process id that comes back is another session, and writes join the newest", async () => {
  const builder = command(command(bundle(), "c1", "9"), "c2", "9").tool(
    "w1",
    "write_stdin",
    stdin({ session_id: 9 }),
  );
  const state = await builder.state();
  expect(Object.keys(state.terminal_sessions)).toHaveLength(2);
  expect(operation(state, 3)?.terminal_id).toBe("terminal_session:terminal_operation:2");
});

test("[trace/B31] schema 2: a write before its command has its own session until its target is resolved", async () => {
  const builder = command(bundle().tool("w1", "write_stdin", stdin({ session_id: 9 })), "c1", "9");
  expect(operation(await builder.state(), 1)?.terminal_id).toBe(
    "terminal_session:terminal_operation:1",
  );
  const resolved = builder.event("stdin_target_resolved", {
    tool_call_id: "w1",
    exec_tool_call_id: "c1",
  });
  const state = await resolved.state();
  expect(operation(state, 1)?.terminal_id).toBe("terminal_session:terminal_operation:2");
  expect(Object.values(state.terminal_sessions)).toMatchObject([
    { operation_ids: ["terminal_operation:2", "terminal_operation:1"] },
  ]);
});

test("[trace/B31] schema 2: resolving tools without operations does nothing, unknown tools are refused", async () => {
  const members = { tool_call_id: "a", exec_tool_call_id: "b" };
  const idle = bundle().tool("a", "web").tool("b", "web").event("stdin_target_resolved", members);
  expect((await idle.state()).terminal_sessions).toEqual({});
  for (const known of ["a", "b"]) {
    const builder = bundle().tool(known, "web").event("stdin_target_resolved", members);
    expect((await builder.refusal()).code).toBe("unknown_reference");
  }
});

test("[trace/B31] process ids belong to a thread: schema 1 refuses another's, schema 2 keeps them apart", async () => {
  const shared = (schema: 1 | 2) =>
    command(family(schema), "c1", "9")
      .tool("c2", "exec_command", { place: inChild })
      .runtimeStart("c2", begin("9"), "exec_command", inChild);
  expect((await shared(1).refusal()).code).toBe("terminal_conflict");
  const state = await shared(2).state();
  expect(Object.values(state.terminal_sessions).map((session) => session.thread_id)).toContain(
    CHILD,
  );
});

test("[trace/B28] schema 2: the runtime says what kind of call it became", async () => {
  const state = await bundle()
    .tool("c1", { type: "other", name: "shell" })
    .runtimeStart("c1", begin("9"), "exec_command")
    .state();
  expect(state.tool_calls["c1"]?.kind).toEqual({ type: "exec_command" });
  expect(Object.keys(state.terminal_operations)).toHaveLength(1);
});
