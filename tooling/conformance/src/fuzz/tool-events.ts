import type { EventMaker, Members } from "./event-maker.ts";
import type { Json } from "./json-text.ts";

export function toolStarted(make: EventMaker): Members {
  const { dice } = make;
  const cellId = make.some(["runtime_cell_id"], "1");
  const callId = make.callId();
  const process = dice.pick<Json>([1, 7, "7", "", null, 1.5, -3, make.some(["session_id"], 5)]);
  const invocation = dice.pick<Json>([
    {
      tool_name: "write_stdin",
      tool_namespace: null,
      payload: {
        type: "function",
        arguments: JSON.stringify({
          session_id: process,
          chars: dice.pick(["x", null, 1]),
          yield_time_ms: dice.pick<Json>([1, -1, null, "x", 1.5]),
        }),
      },
    },
    {
      tool_name: "wait",
      payload: { type: "function", arguments: JSON.stringify({ cell_id: cellId }) },
    },
    {
      tool_name: "spawn_agent",
      payload: {
        type: "function",
        arguments: JSON.stringify({ message: "do it", task_name: "t" }),
      },
    },
    { tool_name: "exec", payload: { type: "custom", input: "x" } },
  ]);
  return {
    type: "tool_call_started",
    tool_call_id: dice.oneIn(5) ? make.tool() : `new_tool_${dice.below(1000)}`,
    model_visible_call_id: dice.oneIn(4) ? null : callId,
    code_mode_runtime_tool_id: dice.oneIn(3) ? "r1" : null,
    requester: dice.oneIn(3) ? { type: "code_cell", runtime_cell_id: cellId } : { type: "model" },
    kind: make.kind(),
    summary: { type: "generic", label: "l", input_preview: null, output_preview: null },
    invocation_payload: dice.oneIn(3)
      ? null
      : make.bundle.addPayload("tool_invocation", invocation),
  };
}

function runtimeBody(make: EventMaker): Json {
  const { dice } = make;
  const other = make.thread();
  const process = dice.pick<Json>(["7", "1", null, 7, ""]);
  return dice.pick<Json>([
    {
      process_id: process,
      command: ["a", "b c"],
      cwd: "/w",
      interaction_input: dice.pick<Json>(["in", null, 1]),
    },
    {
      process_id: process,
      stdout: "o",
      stderr: "e",
      aggregated_output: "oe",
      exit_code: dice.pick<Json>([0, 1, -1, null, 1.5]),
      formatted_output: "f",
    },
    {
      call_id: "c",
      sender_thread_id: make.thread(),
      receiver_thread_id: other,
      prompt: "do it",
      status: dice.pick<Json>(["running", { completed: "x" }, { errored: "x" }, "nothing"]),
    },
    {
      call_id: "c",
      sender_thread_id: make.thread(),
      new_thread_id: dice.pick([other, null]),
      prompt: "do it",
      model: "m",
      reasoning_effort: "low",
      status: "running",
    },
    {
      event_id: "e",
      occurred_at_ms: 1,
      agent_thread_id: other,
      agent_path: "/root/x",
      kind: dice.pick(["started", "interacted", "interrupted", "stopped"]),
    },
  ]);
}

export function toolRuntime(make: EventMaker): Members {
  const isStart = make.dice.oneIn(2);
  return {
    type: isStart ? "tool_call_runtime_started" : "tool_call_runtime_ended",
    tool_call_id: make.tool(),
    ...(isStart ? { kind: make.kind() } : { status: make.status() }),
    runtime_payload: make.dice.oneIn(3)
      ? make.some(["runtime_payload"], null)
      : make.bundle.addPayload("tool_runtime_event", runtimeBody(make)),
  };
}

export function toolEnded(make: EventMaker): Members {
  const { dice } = make;
  const result = dice.pick<Json>([
    {
      type: "direct_response",
      response_item: {
        type: "function_call_output",
        call_id: "c",
        output: dice.pick<Json>([
          "o",
          [{ text: "a" }, { type: "input_text", text: "b" }],
          null,
          { x: 1 },
        ]),
      },
    },
    {
      type: "code_mode_response",
      value: dice.pick<Json>([
        { output: "o", exit_code: 1, chunk_id: "c", original_token_count: 3 },
        "x",
        null,
        ["a"],
        { output: 1 },
        { output: "o", exit_code: 1.5 },
      ]),
    },
    { type: "error", error: dice.pick<Json>(["bad", null]) },
    { type: "else" },
  ]);
  return {
    type: "tool_call_ended",
    tool_call_id: make.tool(),
    status: make.status(),
    result_payload: dice.oneIn(3) ? null : make.bundle.addPayload("tool_result", result),
  };
}

export function cell(make: EventMaker): Members {
  const { dice } = make;
  const id = make.some(["runtime_cell_id"], "9");
  if (dice.oneIn(3)) {
    return {
      type: "code_cell_started",
      runtime_cell_id: dice.oneIn(3) ? "9" : id,
      model_visible_call_id: make.callId(),
      source_js: "x",
    };
  }
  return {
    type: dice.pick(["code_cell_initial_response", "code_cell_ended"]),
    runtime_cell_id: id,
    status: dice.pick(["starting", "running", "yielded", "completed", "failed", "terminated"]),
    response_payload: make.some(["response_payload"], null),
  };
}

export function stdinTarget(make: EventMaker): Members {
  return {
    type: "stdin_target_resolved",
    tool_call_id: make.tool(),
    exec_tool_call_id: make.tool(),
  };
}

export function correlation(make: EventMaker): Members {
  return {
    type: "mcp_tool_call_correlation_assigned",
    tool_call_id: make.tool(),
    mcp_call_id: "m1",
  };
}

export function waitTarget(make: EventMaker): Members {
  return {
    type: "code_cell_wait_target_resolved",
    tool_call_id: make.tool(),
    runtime_cell_id: make.some(["runtime_cell_id"], "9"),
  };
}
