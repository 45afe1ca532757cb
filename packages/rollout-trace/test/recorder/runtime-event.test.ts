import type { ExecCommandBeginEvent, ExecCommandEndEvent } from "@codex-ts/protocol";
import type { ThreadTrace, ToolRuntimeEvent, TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  CHILD_THREAD,
  childMetadata,
  eventsOf,
  onlyBundle,
  onlyEvent,
  readPayload,
  ROOT_THREAD,
  startRoot,
} from "../support/recording.ts";

const TURN = "turn-a";

/** A thread with one recorded call of a tool. */
function startCall(
  root: string,
  toolName = "exec_command",
  schemaVersion: TraceSchemaVersion = 2,
): ThreadTrace {
  const thread = startRoot(root, { schemaVersion });
  thread.recordTurnStarted({ turnId: TURN });
  dispatch(thread, { toolName });
  return thread;
}

function dispatch(
  thread: ThreadTrace,
  {
    toolName,
    toolCallId = "call-a",
    turnId = TURN,
    text = '{"message":"go"}',
  }: {
    toolName: string;
    toolCallId?: string;
    turnId?: string;
    text?: string;
  },
): void {
  thread.startToolDispatch(() => ({
    turnId,
    toolCallId,
    toolName,
    toolNamespace: null,
    payload: { type: "function", arguments: text },
  }));
}

const begin: ExecCommandBeginEvent = {
  type: "exec_command_begin",
  call_id: "call-a",
  process_id: "7",
  turn_id: TURN,
  started_at_ms: 1,
  command: ["ls"],
  cwd: "/workspace",
  parsed_cmd: [],
  source: "unified_exec_startup",
};

const end: ExecCommandEndEvent = {
  type: "exec_command_end",
  call_id: "call-a",
  process_id: "7",
  turn_id: TURN,
  completed_at_ms: 2,
  command: ["ls"],
  cwd: "/workspace",
  parsed_cmd: [],
  source: "unified_exec_startup",
  stdout: "a\n",
  stderr: "",
  aggregated_output: "a\n",
  exit_code: 0,
  duration: { secs: 0, nanos: 1 },
  formatted_output: "a\n",
  status: "completed",
};

describe("a process", () => {
  test("is recorded with its kind in schema 2, and its output once", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path);
    thread.recordToolCallEvent({ turnId: TURN, event: begin });
    thread.recordToolCallEvent({ turnId: TURN, event: end });
    const bundle = onlyBundle(folder.path);
    const started = onlyEvent(bundle, "tool_call_runtime_started");
    expect(Object.keys(started)).toEqual(["type", "tool_call_id", "kind", "runtime_payload"]);
    expect(started.kind).toEqual({ type: "exec_command" });
    const { type: _begin, ...beginBody } = begin;
    expect(readPayload(bundle, started.runtime_payload)).toEqual(beginBody);
    const ended = onlyEvent(bundle, "tool_call_runtime_ended");
    expect(ended.status).toBe("completed");
    const body = readPayload(bundle, ended.runtime_payload);
    expect(body).toMatchObject({ aggregated_output: "a\n", exit_code: 0 });
    for (const name of ["type", "stdout", "stderr", "formatted_output"]) {
      expect(body).not.toHaveProperty(name);
    }
  });

  test("is recorded without a kind in schema 1, with the output in every form", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path, "exec_command", 1);
    thread.recordToolCallEvent({ turnId: TURN, event: begin });
    thread.recordToolCallEvent({ turnId: TURN, event: end });
    const bundle = onlyBundle(folder.path);
    expect(onlyEvent(bundle, "tool_call_runtime_started")).not.toHaveProperty("kind");
    const { type: _end, ...endBody } = end;
    const { runtime_payload: reference } = onlyEvent(bundle, "tool_call_runtime_ended");
    expect(readPayload(bundle, reference)).toEqual(endBody);
  });

  test.each([
    ["completed", "completed"],
    ["failed", "failed"],
    ["declined", "cancelled"],
  ] as const)("that %s ends %s", async (status, expected) => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path);
    thread.recordToolCallEvent({ turnId: TURN, event: { ...end, status } });
    expect(onlyEvent(onlyBundle(folder.path), "tool_call_runtime_ended").status).toBe(expected);
  });

  test("starts once, and not at all for a write to a known process or a user's own command", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path);
    dispatch(thread, { toolName: "write_stdin", toolCallId: "call-b", text: '{"session_id":7}' });
    thread.recordToolCallEvent({ turnId: TURN, event: { ...begin, source: "user_shell" } });
    thread.recordToolCallEvent({ turnId: TURN, event: begin });
    thread.recordToolCallEvent({ turnId: TURN, event: begin });
    thread.recordToolCallEvent({ turnId: TURN, event: { ...begin, call_id: "call-b" } });
    expect(eventsOf(onlyBundle(folder.path), "tool_call_runtime_started")).toHaveLength(1);
  });

  test("of a write_stdin belongs to the thread that named it first, in schema 1", async () => {
    await using folder = await temporaryDirectory();
    const root = startCall(folder.path, "exec_command", 1);
    const child = root.startChild(childMetadata());
    child.recordTurnStarted({ turnId: "turn-b" });
    for (const [thread, turnId, toolCallId] of [
      [root, TURN, "call-b"],
      [child, "turn-b", "call-c"],
    ] as const) {
      dispatch(thread, { toolName: "write_stdin", toolCallId, turnId, text: '{"session_id":7}' });
    }
    const stored = eventsOf(onlyBundle(folder.path), "tool_call_started").map(
      (event) => event.invocation_payload !== null,
    );
    expect(stored).toEqual([true, true, false]);
  });

  test("keeps its id from other threads in schema 1, where one id is one session", async () => {
    await using folder = await temporaryDirectory();
    const root = startCall(folder.path, "exec_command", 1);
    root.recordToolCallEvent({ turnId: TURN, event: begin });
    const child = root.startChild(childMetadata());
    child.recordTurnStarted({ turnId: "turn-b" });
    dispatch(child, { toolName: "exec_command", toolCallId: "call-b", turnId: "turn-b" });
    child.recordToolCallEvent({ turnId: "turn-b", event: { ...begin, call_id: "call-b" } });
    dispatch(child, {
      toolName: "write_stdin",
      toolCallId: "call-c",
      turnId: "turn-b",
      text: '{"session_id":7}',
    });
    const bundle = onlyBundle(folder.path);
    const processes = eventsOf(bundle, "tool_call_runtime_started").map(
      (event) => readPayload(bundle, event.runtime_payload)["process_id"],
    );
    expect(processes).toEqual(["7", null]);
    expect(eventsOf(bundle, "tool_call_started").at(-1)?.invocation_payload).toBeNull();
  });
});

describe("agents", () => {
  test("[trace/A6] a sub-agent's activity is the end of the runtime of the call it names", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path, "spawn_agent");
    const body = {
      event_id: "call-a",
      occurred_at_ms: 5,
      agent_thread_id: CHILD_THREAD,
      agent_path: "/root/helper",
      kind: "started",
    } as const;
    thread.recordToolCallEvent({ turnId: TURN, event: { type: "sub_agent_activity", ...body } });
    const bundle = onlyBundle(folder.path);
    const ended = onlyEvent(bundle, "tool_call_runtime_ended");
    expect(ended).toMatchObject({ tool_call_id: "call-a", status: "completed" });
    expect(readPayload(bundle, ended.runtime_payload)).toEqual(body);
  });

  test.each<[string, string, ToolRuntimeEvent]>([
    [
      "that does not fit its tool",
      "spawn_agent",
      {
        type: "sub_agent_activity",
        event_id: "call-a",
        occurred_at_ms: 5,
        agent_thread_id: CHILD_THREAD,
        agent_path: "/root/helper",
        kind: "interacted",
      },
    ],
    [
      "of a thread id that is no UUID",
      "close_agent",
      {
        type: "collab_close_end",
        call_id: "call-a",
        sender_thread_id: ROOT_THREAD,
        receiver_thread_id: "nobody",
        completed_at_ms: 2,
        status: "shutdown",
      },
    ],
    [
      "of a call that was not recorded",
      "close_agent",
      {
        type: "collab_waiting_end",
        call_id: "call-z",
        sender_thread_id: ROOT_THREAD,
        completed_at_ms: 2,
        statuses: {},
      },
    ],
    [
      "of no runtime",
      "close_agent",
      { type: "token_count", call_id: "call-a" } as unknown as ToolRuntimeEvent,
    ],
  ])("an event %s is not recorded: it could not be reduced", async (_, toolName, event) => {
    await using folder = await temporaryDirectory();
    startCall(folder.path, toolName).recordToolCallEvent({ turnId: TURN, event });
    expect(eventsOf(onlyBundle(folder.path), "tool_call_runtime_ended")).toEqual([]);
  });

  test.each<[ToolRuntimeEvent["type"], string, string]>([
    ["collab_agent_spawn_begin", "spawn_agent", "spawn_agent"],
    ["collab_agent_interaction_begin", "send_message", "send_message"],
    ["collab_agent_interaction_begin", "followup_task", "assign_agent_task"],
    ["collab_waiting_begin", "wait", "wait_agent"],
    ["collab_close_begin", "interrupt_agent", "close_agent"],
  ])("%s of %s starts a runtime of the kind %s", async (type, toolName, kind) => {
    await using folder = await temporaryDirectory();
    startCall(folder.path, toolName).recordToolCallEvent({
      turnId: TURN,
      event: { type, call_id: "call-a", sender_thread_id: ROOT_THREAD } as ToolRuntimeEvent,
    });
    const started = onlyEvent(onlyBundle(folder.path), "tool_call_runtime_started");
    expect(started.kind).toEqual({ type: kind });
  });

  test.each([
    [{ new_thread_id: CHILD_THREAD }, "completed"],
    [{ new_thread_id: null }, "failed"],
  ])("a spawn with %j ends %s", async (more, status) => {
    await using folder = await temporaryDirectory();
    startCall(folder.path, "spawn_agent").recordToolCallEvent({
      turnId: TURN,
      event: {
        type: "collab_agent_spawn_end",
        call_id: "call-a",
        sender_thread_id: ROOT_THREAD,
        completed_at_ms: 2,
        prompt: "go",
        model: "model-a",
        reasoning_effort: "medium",
        status: "running",
        ...more,
      },
    });
    expect(onlyEvent(onlyBundle(folder.path), "tool_call_runtime_ended").status).toBe(status);
  });
});

describe("patches and MCP calls", () => {
  const events: ToolRuntimeEvent[] = [
    {
      type: "patch_apply_begin",
      call_id: "call-a",
      turn_id: TURN,
      auto_approved: true,
      changes: {},
    },
    {
      type: "patch_apply_end",
      call_id: "call-a",
      turn_id: TURN,
      stdout: "",
      stderr: "",
      success: false,
      changes: {},
      status: "declined",
    },
    {
      type: "mcp_tool_call_begin",
      call_id: "call-b",
      invocation: { server: "demo", tool: "add", arguments: {} },
    },
    {
      type: "mcp_tool_call_end",
      call_id: "call-b",
      invocation: { server: "demo", tool: "add", arguments: {} },
      duration: { secs: 0, nanos: 1 },
      result: { Ok: { content: [], isError: true } },
    },
  ];

  test("have a runtime in schema 2", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path, "apply_patch");
    dispatch(thread, { toolName: "add", toolCallId: "call-b" });
    for (const event of events) thread.recordToolCallEvent({ turnId: TURN, event });
    const bundle = onlyBundle(folder.path);
    expect(eventsOf(bundle, "tool_call_runtime_started").map(({ kind }) => kind)).toEqual([
      { type: "apply_patch" },
      { type: "mcp", server: "demo", tool: "add" },
    ]);
    const ended = eventsOf(bundle, "tool_call_runtime_ended");
    expect(ended.map(({ status }) => status)).toEqual(["cancelled", "completed"]);
    expect(readPayload(bundle, ended[1]?.runtime_payload)).toEqual({
      result: { Ok: { content: [], isError: true } },
    });
  });

  test("have none in schema 1", async () => {
    await using folder = await temporaryDirectory();
    const thread = startCall(folder.path, "apply_patch", 1);
    for (const event of events) thread.recordToolCallEvent({ turnId: TURN, event });
    expect(eventsOf(onlyBundle(folder.path), "tool_call_runtime_started")).toEqual([]);
  });
});

describe("a target of stdin", () => {
  test.each([
    [2, 1],
    [1, 0],
  ] as const)(
    "is recorded in schema %i: %i times, from a write to the call that started the process",
    async (schema, count) => {
      await using folder = await temporaryDirectory();
      const thread = startCall(folder.path, "exec_command", schema);
      dispatch(thread, { toolName: "write_stdin", toolCallId: "call-b", text: '{"session_id":7}' });
      for (const [toolCallId, execToolCallId] of [
        ["call-b", "call-a"],
        ["call-b", "call-z"],
        ["call-a", "call-b"],
      ] as const) {
        thread.recordStdinTargetResolved({ turnId: TURN, toolCallId, execToolCallId });
      }
      const events = eventsOf(onlyBundle(folder.path), "stdin_target_resolved");
      expect(events).toHaveLength(count);
      for (const event of events) {
        expect(event).toMatchObject({ tool_call_id: "call-b", exec_tool_call_id: "call-a" });
      }
    },
  );
});
