import type { ExecCommandEndEvent, ResponseItem } from "@codex-ts/protocol";
import type { ThreadTrace } from "@codex-ts/rollout-trace";
import { AgentSession, IdSource, type OpenCall, type RunningResponse } from "./agent-session.ts";
import { childMetadata, message, ROOT_THREAD } from "./recording.ts";

/** A run in which our recorders write every event they can write, closed at its end. */
export function recordEveryEvent(trace: ThreadTrace): void {
  record(trace, false);
}

/** The same with ids of all items in requests, as those of 0.169 and 0.171 have them. */
export function recordEveryEventWithIds(trace: ThreadTrace): void {
  record(trace, true);
}

function record(trace: ThreadTrace, sendsIds: boolean): void {
  const session = new AgentSession(trace, new IdSource(), { sendsIds });
  trace.recordProtocolEvent({
    type: "session_configured",
    session_id: ROOT_THREAD,
    thread_id: ROOT_THREAD,
    model: "gpt-test",
    model_provider_id: "test",
    approval_policy: "never",
    approvals_reviewer: "user",
    permission_profile: { type: "disabled" },
    cwd: "/workspace",
  });
  toolTurn(session);
  brokenStreamsTurn(session);
  terminalTurn(session);
  codeModeTurn(session);
  agentTurn(session);
  compactionTurn(session);
  promptTurn(session, sendsIds);
  const late = interruptedTurn(session);
  trace.recordProtocolEvent({ type: "warning", message: "almost done" });
  trace.recordProtocolEvent({ type: "shutdown_complete" });
  trace.recordEnded("completed");
  void trace.close();
  // The last to hear of the end is a response that nobody reads any more.
  late.attempt.recordCancelled({ upstreamRequestId: "req-late", outputItems: late.items });
}

function functionCall(callId: string, name: string, input: object): ResponseItem {
  return {
    type: "function_call",
    id: `fc-${callId}`,
    name,
    arguments: JSON.stringify(input),
    call_id: callId,
  };
}

function customCall(callId: string, name: string, input: string): ResponseItem {
  return { type: "custom_tool_call", call_id: callId, name, input };
}

/** One response with the given items, and the calls among them. */
function respond(session: AgentSession, items: readonly ResponseItem[]): OpenCall[] {
  const response = session.startResponse();
  for (const item of items) session.receive(response, item);
  session.complete(response);
  return session.openCalls.splice(0);
}

function callFrom(calls: readonly OpenCall[], callId: string): OpenCall {
  const call = calls.find((candidate) => candidate.callId === callId);
  if (call === undefined) throw new Error(`the response has no call ${callId}`);
  return call;
}

function process(session: AgentSession, callId: string, processId: string): ExecCommandEndEvent {
  const facts = {
    call_id: callId,
    process_id: processId,
    turn_id: session.turnId ?? "",
    command: ["/bin/sh", "-c", "echo hello"],
    cwd: "/workspace",
    parsed_cmd: [],
    source: "unified_exec_startup",
  } as const;
  session.trace.recordToolCallEvent({
    turnId: session.turnId ?? "",
    event: { ...facts, type: "exec_command_begin", started_at_ms: 1 },
  });
  return {
    ...facts,
    type: "exec_command_end",
    completed_at_ms: 2,
    stdout: "hello\n",
    stderr: "",
    aggregated_output: "hello\n",
    exit_code: 0,
    duration: { secs: 0, nanos: 1 },
    formatted_output: "hello\n",
    status: "completed",
  };
}

function toolTurn(session: AgentSession): void {
  const { trace } = session;
  const turnId = session.startTurn("run, patch and ask the server");
  const calls = respond(session, [
    {
      type: "reasoning",
      id: "rs-1",
      summary: [{ type: "summary_text", text: "three calls" }],
      encrypted_content: "secret-1",
    },
    functionCall("call-exec", "exec_command", { cmd: "echo hello" }),
    customCall("call-patch", "apply_patch", "*** Begin Patch\n*** End Patch"),
    functionCall("call-mcp", "add", { a: 1, b: 2 }),
    functionCall("call-unknown", "no_such_tool", {}),
  ]);
  const exec = session.dispatch(callFrom(calls, "call-exec"));
  const end = process(session, "call-exec", "1001");
  const patch = session.dispatch(callFrom(calls, "call-patch"));
  trace.recordToolCallEvent({
    turnId,
    event: {
      type: "patch_apply_begin",
      call_id: "call-patch",
      turn_id: turnId,
      auto_approved: true,
      changes: {},
    },
  });
  trace.recordToolCallEvent({ turnId, event: end });
  trace.recordToolCallEvent({
    turnId,
    event: {
      type: "patch_apply_end",
      call_id: "call-patch",
      turn_id: turnId,
      stdout: "done",
      stderr: "",
      success: true,
      changes: {},
      status: "completed",
    },
  });
  session.finish(callFrom(calls, "call-exec"), exec, "hello\n");
  session.finish(callFrom(calls, "call-patch"), patch, "done");
  const mcp = session.dispatch(callFrom(calls, "call-mcp"));
  trace.startMcpCall("call-mcp");
  const invocation = { server: "demo", tool: "add", arguments: { a: 1, b: 2 } };
  trace.recordToolCallEvent({
    turnId,
    event: { type: "mcp_tool_call_begin", call_id: "call-mcp", invocation },
  });
  trace.recordToolCallEvent({
    turnId,
    event: {
      type: "mcp_tool_call_end",
      call_id: "call-mcp",
      invocation,
      duration: { secs: 0, nanos: 1 },
      result: { Ok: { content: [] } },
    },
  });
  session.finish(callFrom(calls, "call-mcp"), mcp, "3");
  session
    .dispatch(callFrom(calls, "call-unknown"))
    .recordFailed({ error: "unsupported call: no_such_tool" });
  session.accept({
    type: "function_call_output",
    call_id: "call-unknown",
    output: "unsupported call: no_such_tool",
  });
  respond(session, [message("all done")]);
  session.endTurn("completed");
}

function brokenStreamsTurn(session: AgentSession): void {
  session.startTurn("try until it works");
  session.startResponse().attempt.recordFailed({
    error: "http 503",
    upstreamRequestId: "req-503",
    outputItems: [],
  });
  const broken = session.startResponse();
  session.receive(broken, message("first part", { id: "msg-part" }));
  broken.attempt.recordFailed({
    error: "stream closed before response.completed",
    upstreamRequestId: "req-broken",
    outputItems: broken.items,
  });
  const dropped = session.startResponse();
  session.receive(dropped, message("second part"));
  dropped.attempt.recordCancelled({ upstreamRequestId: null, outputItems: dropped.items });
  session.trace.recordProtocolEvent({
    type: "error",
    message: "gave up once",
    codex_error_info: "other",
  });
  const first = session.startResponse();
  session.receive(first, message("third part"));
  const responseId = session.complete(first);
  const known = session.history.length;
  session.accept({ type: "message", role: "user", content: [{ type: "input_text", text: "go" }] });
  const delta = session.startResponse({ responseId, known });
  session.receive(delta, message("the rest"));
  session.complete(delta);
  session.endTurn("failed");
}

function terminalTurn(session: AgentSession): void {
  const { trace } = session;
  const turnId = session.startTurn("talk to a program");
  const calls = respond(session, [
    functionCall("call-cat", "exec_command", { cmd: "cat" }),
    functionCall("call-stdin", "write_stdin", { session_id: 1002, chars: "x\n" }),
    functionCall("call-lost", "write_stdin", { chars: 7 }),
  ]);
  const cat = session.dispatch(callFrom(calls, "call-cat"));
  const end = process(session, "call-cat", "1002");
  session.finish(callFrom(calls, "call-cat"), cat, "running with session 1002");
  const stdin = session.dispatch(callFrom(calls, "call-stdin"));
  trace.recordStdinTargetResolved({
    turnId,
    toolCallId: "call-stdin",
    execToolCallId: "call-cat",
  });
  session.finish(callFrom(calls, "call-stdin"), stdin, "x\n");
  trace.recordToolCallEvent({ turnId, event: { ...end, exit_code: 3, status: "failed" } });
  const lost = session.dispatch(callFrom(calls, "call-lost"));
  session.finish(callFrom(calls, "call-lost"), lost, "session_id is missing");
  respond(session, [message("the program said x", { phase: "final_answer" })]);
  session.endTurn("completed");
}

function codeModeTurn(session: AgentSession): void {
  const { trace } = session;
  const turnId = session.startTurn("compute");
  const calls = respond(session, [
    customCall("call-code", "exec", "text(1)"),
    customCall("call-code-2", "exec", "throw 1"),
    functionCall("call-wait", "wait", { cell_id: "1" }),
    functionCall("call-wait-2", "wait", { nothing: true }),
  ]);
  const code = session.dispatch(callFrom(calls, "call-code"));
  const cell = trace.startCodeCell({
    turnId,
    runtimeCellId: "1",
    modelVisibleCallId: "call-code",
    sourceJs: "text(1)",
  });
  const nested = trace.startToolDispatch(() => ({
    turnId,
    toolCallId: "exec-nested",
    toolName: "exec_command",
    toolNamespace: null,
    requester: { type: "code_cell", runtimeCellId: "1", runtimeToolId: "tool-1" },
    payload: { type: "function", arguments: '{"cmd":"echo hello"}' },
  }));
  trace.recordToolCallEvent({ turnId, event: process(session, "exec-nested", "1003") });
  nested.recordCompleted({
    status: "completed",
    result: { type: "code_mode_response", value: { output: "hello\n", exit_code: 0 } },
  });
  cell.recordInitialResponse({ Yielded: { cell_id: "1", content_items: [] } });
  session.finish(callFrom(calls, "call-code"), code, "still running");
  const second = session.dispatch(callFrom(calls, "call-code-2"));
  trace
    .startCodeCell({
      turnId,
      runtimeCellId: "2",
      modelVisibleCallId: "call-code-2",
      sourceJs: "throw 1",
    })
    .recordInitialResponse({ Result: { cell_id: "2", content_items: [], error_text: "1" } });
  session.finish(callFrom(calls, "call-code-2"), second, "1");
  const wait = session.dispatch(callFrom(calls, "call-wait"));
  trace.recordWaitTargetResolved({ turnId, toolCallId: "call-wait", runtimeCellId: "1" });
  trace
    .codeCell({ turnId, runtimeCellId: "1" })
    .recordEnded({ Result: { cell_id: "1", content_items: [], error_text: null } });
  session.finish(callFrom(calls, "call-wait"), wait, "1");
  session.dispatch(callFrom(calls, "call-wait-2")).recordFailed({ error: "cell_id is missing" });
  session.accept({ type: "function_call_output", call_id: "call-wait-2", output: "failed" });
  respond(session, [message("it is 1")]);
  session.endTurn("completed");
}

/** What schema 3 knows of a request besides: images, a warm-up, ids that were not sent. */
function promptTurn(session: AgentSession, sendsIds: boolean): void {
  session.startTurn("look at this");
  session.accept({
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "here" },
      { type: "input_image", image_url: `data:image/png;base64,${"QUFB".repeat(80)}` },
    ],
  });
  const seen = session.startResponse();
  session.receive(seen, message("a dot"));
  session.complete(seen);
  session.accept({
    type: "message",
    role: "user",
    content: [{ type: "input_text", text: "more" }],
  });
  const warm = session.startResponse(undefined, { continuesWarmup: true });
  session.receive(warm, functionCall("call-last", "exec_command", { cmd: "true" }));
  session.complete(warm);
  const [call] = session.openCalls.splice(0);
  if (call === undefined) throw new Error("the response has no call");
  session.finish(call, session.dispatch(call), "nothing");
  const stripped = session.startResponse(undefined, { stripsOutputIds: sendsIds });
  session.receive(stripped, message("done"));
  session.complete(stripped);
  session.endTurn("completed");
}

function agentTurn(session: AgentSession): void {
  const { trace } = session;
  const turnId = session.startTurn("delegate");
  const calls = respond(session, [
    functionCall("call-spawn", "spawn_agent", { task_name: "helper", message: "look around" }),
    functionCall("call-send", "send_message", { target: "helper", message: "hurry" }),
    functionCall("call-task", "followup_task", { target: "helper", message: "one more" }),
    functionCall("call-wait-agent", "wait_agent", {}),
    functionCall("call-close", "interrupt_agent", { target: "helper" }),
  ]);
  const activity = (callId: string, kind: "started" | "interacted" | "interrupted"): void => {
    const dispatch = session.dispatch(callFrom(calls, callId));
    trace.recordToolCallEvent({
      turnId,
      event: {
        type: "sub_agent_activity",
        event_id: callId,
        occurred_at_ms: 5,
        agent_thread_id: childMetadata().threadId,
        agent_path: "/root/helper",
        kind,
      },
    });
    session.finish(callFrom(calls, callId), dispatch, "{}");
  };
  const child = new AgentSession(trace.startChild(childMetadata()), session.ids);
  activity("call-spawn", "started");
  const childTurn = child.startTurn("look around");
  child.accept({
    type: "agent_message",
    author: "/root",
    recipient: "/root/helper",
    content: [{ type: "input_text", text: "hurry" }],
  });
  activity("call-send", "interacted");
  activity("call-task", "interacted");
  respond(child, [message("all good", { phase: "final_answer" })]);
  child.endTurn("completed");
  child.trace.recordAgentResult({
    childTurnId: childTurn,
    parentThreadId: ROOT_THREAD,
    childAgentPath: "/root/helper",
    message: "the helper says: all good",
    status: { completed: "all good" },
  });
  session.accept({
    type: "agent_message",
    id: "amsg-1",
    author: "/root/helper",
    recipient: "/root",
    content: [{ type: "input_text", text: "the helper says: all good" }],
  });
  const wait = session.dispatch(callFrom(calls, "call-wait-agent"));
  const facts = { call_id: "call-wait-agent", sender_thread_id: ROOT_THREAD };
  trace.recordToolCallEvent({
    turnId,
    event: { type: "collab_waiting_begin", ...facts, started_at_ms: 1, receiver_thread_ids: [] },
  });
  trace.recordToolCallEvent({
    turnId,
    event: { type: "collab_waiting_end", ...facts, completed_at_ms: 2, statuses: {} },
  });
  session.finish(callFrom(calls, "call-wait-agent"), wait, "{}");
  activity("call-close", "interrupted");
  respond(session, [message("the helper is done")]);
  session.endTurn("completed");
  child.trace.recordEnded("aborted");
  void child.trace.close();
}

function compactionTurn(session: AgentSession): void {
  const turnId = session.startTurn("make room");
  const context = session.trace.compactionContext({
    turnId,
    compactionId: "compaction-1",
    model: "model-a",
    providerName: "provider-a",
  });
  const request = {
    model: "model-a",
    instructions: "be brief",
    input: [],
    parallel_tool_calls: false,
  };
  context.startAttempt(request).recordFailed({ error: "http 500" });
  const summary: ResponseItem = { type: "compaction", id: "cmp-1", encrypted_content: "secret-2" };
  context.startAttempt(request).recordCompleted({ outputItems: [summary] });
  const inputHistory = [...session.history];
  session.history.splice(0, session.history.length, ...inputHistory.slice(-1), summary);
  context.recordInstalled({ inputHistory, replacementHistory: [...session.history] });
  session.trace.recordProtocolEvent({ type: "thread_rolled_back", num_turns: 0 });
  respond(session, [message("there is room now")]);
  session.endTurn("completed");
}

/** A turn that ends while a response and a tool are still at work. */
function interruptedTurn(session: AgentSession): RunningResponse {
  session.startTurn("stop in the middle");
  const [call] = respond(session, [functionCall("call-slow", "exec_command", { cmd: "sleep" })]);
  if (call === undefined) throw new Error("the response has no call");
  session.dispatch(call);
  process(session, "call-slow", "1004");
  const late = session.startResponse();
  session.receive(late, message("nobody hears th"));
  session.endTurn("cancelled");
  return late;
}
