import { readdirSync } from "node:fs";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import type { TraceProtocolEvent } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  CHILD_THREAD,
  childMetadata,
  eventTypes,
  message,
  onlyBundle,
  onlyEvent,
  readEvents,
  readPayload,
  ROOT_THREAD,
  startRoot,
  userMessage,
} from "../support/recording.ts";

describe("a root thread", () => {
  test("[trace/A2] makes one bundle with the thread's facts as its first payload", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    expect(thread.isEnabled).toBe(true);
    thread.recordEnded("completed");
    void thread.close();
    const bundle = onlyBundle(folder.path);
    expect(thread.bundlePath).toBe(bundle);
    expect(eventTypes(bundle)).toEqual([
      "rollout_started",
      "thread_started",
      "thread_ended",
      "rollout_ended",
      "recording_completed",
    ]);
    const { metadata_payload: reference } = onlyEvent(bundle, "thread_started");
    expect(reference?.path).toBe("payloads/1.json");
    expect(Object.entries(readPayload(bundle, reference))).toEqual([
      ["thread_id", ROOT_THREAD],
      ["agent_path", "/root"],
      ["task_name", null],
      ["nickname", null],
      ["agent_role", null],
      ["session_source", "exec"],
      ["cwd", "/workspace"],
      ["rollout_path", null],
      ["model", "model-a"],
      ["provider_name", "provider-a"],
      ["approval_policy", "never"],
      ["sandbox_policy", "read-only"],
    ]);
    expect(readdirSync(`${bundle}/payloads`)).toEqual(["1.json"]);
  });

  test("in schema 1 ends without a recording_completed", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path, { schemaVersion: 1 });
    thread.recordEnded("failed");
    void thread.close();
    const events = readEvents(onlyBundle(folder.path));
    expect(events.map(({ schema_version: version }) => version)).toEqual([1, 1, 1, 1]);
    expect(events.at(-1)?.payload).toEqual({ type: "rollout_ended", status: "failed" });
  });

  test("records its end once, and nothing after its close", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    thread.recordEnded("completed");
    thread.recordEnded("failed");
    void thread.close();
    void thread.close();
    thread.recordTurnStarted({ turnId: "late" });
    thread.recordProtocolEvent({ type: "warning", message: "late" });
    expect(thread.isEnabled).toBe(false);
    expect(thread.startChild(childMetadata()).isEnabled).toBe(false);
    expect(eventTypes(onlyBundle(folder.path)).slice(2)).toEqual([
      "thread_ended",
      "rollout_ended",
      "recording_completed",
    ]);
  });
});

describe("a child thread", () => {
  test("[trace/A3] records into the bundle of its root, and its end is not the rollout's", async () => {
    await using folder = await temporaryDirectory();
    const root = startRoot(folder.path);
    const child = root.startChild(childMetadata());
    expect(child.threadId).toBe(CHILD_THREAD);
    child.recordEnded("completed");
    void child.close();
    const bundle = onlyBundle(folder.path);
    expect(eventTypes(bundle)).toEqual([
      "rollout_started",
      "thread_started",
      "thread_started",
      "thread_ended",
    ]);
    expect(readEvents(bundle)[2]?.payload).toMatchObject({
      thread_id: CHILD_THREAD,
      agent_path: "/root/helper",
      metadata_payload: { path: "payloads/2.json" },
    });
    void root.close();
  });

  test("keeps the log open until it is closed too", async () => {
    await using folder = await temporaryDirectory();
    const root = startRoot(folder.path);
    const child = root.startChild(childMetadata());
    root.recordEnded("completed");
    void root.close();
    child.recordTurnStarted({ turnId: "turn-b" });
    child.recordEnded("completed");
    void child.close();
    expect(eventTypes(onlyBundle(folder.path)).slice(3)).toEqual([
      "thread_ended",
      "rollout_ended",
      "codex_turn_started",
      "thread_ended",
      "recording_completed",
    ]);
  });

  test("of a thread id that is in the bundle already is disabled", async () => {
    await using folder = await temporaryDirectory();
    const root = startRoot(folder.path);
    root.startChild(childMetadata());
    expect(root.startChild(childMetadata()).isEnabled).toBe(false);
    expect(eventTypes(onlyBundle(folder.path))).toHaveLength(3);
  });
});

test("[trace/A4] a disabled thread accepts every call, writes nothing and builds nothing", () => {
  const thread = ThreadTrace.disabled();
  const turnId = "turn-a";
  const item = message("x");
  expect(thread.isEnabled).toBe(false);
  expect(thread.bundlePath).toBeUndefined();
  expect(thread.startChild(childMetadata())).toBe(thread);
  thread.recordTurnStarted({ turnId });
  thread.recordProtocolEvent({ type: "shutdown_complete" });
  thread.recordToolCallEvent({
    turnId,
    event: {
      type: "patch_apply_begin",
      call_id: "call-a",
      turn_id: turnId,
      auto_approved: true,
      changes: {},
    },
  });
  thread.recordAgentResult({
    childTurnId: turnId,
    parentThreadId: ROOT_THREAD,
    childAgentPath: "/root/helper",
    message: "done",
    status: { completed: null },
  });
  thread.recordHistoryItemAccepted({ turnId, item });
  thread.recordStdinTargetResolved({ turnId, toolCallId: "b", execToolCallId: "a" });

  const inference = thread.inferenceContext({ turnId, model: "m", providerName: "p" });
  for (const end of ["completed", "failed", "cancelled"] as const) {
    const attempt = inference.startAttempt();
    expect(attempt.inferenceCallId).toBeUndefined();
    attempt.recordStarted({ input: [] });
    attempt.observeOutputItem(item);
    const facts = { upstreamRequestId: null, outputItems: [item] };
    if (end === "completed") {
      attempt.recordCompleted({ ...facts, responseId: "r", tokenUsage: null });
    }
    if (end === "failed") attempt.recordFailed({ ...facts, error: "x" });
    if (end === "cancelled") attempt.recordCancelled(facts);
  }

  const compaction = thread.compactionContext({
    turnId,
    compactionId: "compaction-a",
    model: "m",
    providerName: "p",
  });
  compaction.startAttempt({ input: [] }).recordCompleted({ outputItems: [item] });
  compaction.startAttempt({ input: [] }).recordFailed({ error: "x" });
  compaction.recordInstalled({ inputHistory: [], replacementHistory: [] });

  const dispatch = thread.startToolDispatch(() => {
    throw new Error("must not be built");
  });
  expect(dispatch.isEnabled).toBe(false);
  dispatch.recordCompleted({
    status: "completed",
    result: { type: "code_mode_response", value: null },
  });
  dispatch.recordFailed({ error: "x" });

  const cell = thread.startCodeCell({
    turnId,
    runtimeCellId: "1",
    modelVisibleCallId: "call-a",
    sourceJs: "",
  });
  cell.recordInitialResponse({ Yielded: {} });
  thread.codeCell({ turnId, runtimeCellId: "1" }).recordEnded({ Terminated: {} });
  thread.recordTurnEnded({ turnId, status: "completed" });
  thread.recordEnded("completed");
  void thread.close();
});

describe("turns", () => {
  test("are recorded under their thread, once", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    thread.recordTurnStarted({ turnId: "turn-a" });
    thread.recordTurnStarted({ turnId: "turn-a" });
    thread.recordTurnEnded({ turnId: "turn-a", status: "cancelled" });
    void thread.close();
    const [started, ended] = readEvents(onlyBundle(folder.path)).slice(2);
    expect(started).toMatchObject({
      thread_id: ROOT_THREAD,
      codex_turn_id: "turn-a",
      payload: { type: "codex_turn_started", codex_turn_id: "turn-a", thread_id: ROOT_THREAD },
    });
    expect(ended).toMatchObject({
      thread_id: ROOT_THREAD,
      codex_turn_id: "turn-a",
      payload: { type: "codex_turn_ended", codex_turn_id: "turn-a", status: "cancelled" },
    });
  });

  test("that were never started leave no trace: their end would make the bundle unreadable", async () => {
    await using folder = await temporaryDirectory();
    const root = startRoot(folder.path);
    const child = root.startChild(childMetadata());
    root.recordTurnStarted({ turnId: "turn-a" });
    for (const [thread, turnId] of [
      [root, "turn-b"],
      [child, "turn-a"],
    ] as const) {
      thread.recordTurnEnded({ turnId, status: "completed" });
      thread
        .inferenceContext({ turnId, model: "m", providerName: "p" })
        .startAttempt()
        .recordStarted({ input: [userMessage("hello")] });
      thread
        .startToolDispatch(() => ({
          turnId,
          toolCallId: "call-a",
          toolName: "update_plan",
          toolNamespace: null,
          payload: { type: "function", arguments: "{}" },
        }))
        .recordFailed({ error: "x" });
    }
    expect(eventTypes(onlyBundle(folder.path)).slice(3)).toEqual(["codex_turn_started"]);
  });
});

describe("protocol events", () => {
  test("[trace/A5] are recorded without a context when they matter to a trace", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    thread.recordProtocolEvent({ type: "plan_update", explanation: null, plan: [] });
    thread.recordProtocolEvent({ type: "shutdown_complete" });
    void thread.close();
    const bundle = onlyBundle(folder.path);
    expect(readEvents(bundle)[2]).toMatchObject({ thread_id: null, codex_turn_id: null });
    const event = onlyEvent(bundle, "protocol_event_observed");
    expect(event.event_type).toBe("shutdown_complete");
    expect(readPayload(bundle, event.event_payload)).toEqual({ type: "shutdown_complete" });
  });

  test.each([
    ["turn_started", "turn_started", "task_started"],
    ["task_started", "turn_started", "task_started"],
    ["turn_complete", "turn_complete", "task_complete"],
    ["task_complete", "turn_complete", "task_complete"],
    ["error", "error", "error"],
  ])("%s is named %s in the event and %s in its payload", async (type, name, wire) => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    thread.recordProtocolEvent({ type, turn_id: "turn-a" } as TraceProtocolEvent);
    const bundle = onlyBundle(folder.path);
    const event = onlyEvent(bundle, "protocol_event_observed");
    expect(event.event_type).toBe(name);
    expect(readPayload(bundle, event.event_payload)).toEqual({ type: wire, turn_id: "turn-a" });
  });
});

test("an agent's result is recorded once, on the child, with what the parent was told", async () => {
  await using folder = await temporaryDirectory();
  const root = startRoot(folder.path);
  const child = root.startChild(childMetadata());
  child.recordTurnStarted({ turnId: "turn-b" });
  const result = {
    childTurnId: "turn-b",
    parentThreadId: ROOT_THREAD,
    childAgentPath: "/root/helper",
    message: "all good",
    status: { completed: "all good" },
  } as const;
  child.recordAgentResult(result);
  child.recordAgentResult({ ...result, message: "told again" });
  const bundle = onlyBundle(folder.path);
  const event = onlyEvent(bundle, "agent_result_observed");
  expect(event).toMatchObject({
    edge_id: `edge:agent_result:${CHILD_THREAD}:turn-b:${ROOT_THREAD}`,
    child_thread_id: CHILD_THREAD,
    child_codex_turn_id: "turn-b",
    parent_thread_id: ROOT_THREAD,
    message: "all good",
  });
  expect(readPayload(bundle, event.carried_payload)).toEqual({
    child_agent_path: "/root/helper",
    message: "all good",
    status: { completed: "all good" },
  });
  expect(readEvents(bundle).at(-1)).toMatchObject({
    thread_id: CHILD_THREAD,
    codex_turn_id: "turn-b",
  });
});
