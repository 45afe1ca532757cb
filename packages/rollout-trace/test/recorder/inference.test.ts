import type { ReasoningItem, ResponseItem, TokenUsage } from "@codex-ts/protocol";
import {
  InferenceAttempt,
  type ThreadTrace,
  type TraceSchemaVersion,
} from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  eventTypes,
  message,
  NOTHING,
  onlyBundle,
  onlyEvent,
  readEvents,
  readPayload,
  ROOT_THREAD,
  startRoot,
  userMessage,
} from "../support/recording.ts";

const TURN = "turn-a";

function startTurn(root: string, schemaVersion: TraceSchemaVersion = 2): ThreadTrace {
  const thread = startRoot(root, { schemaVersion });
  thread.recordTurnStarted({ turnId: TURN });
  return thread;
}

function startAttempt(thread: ThreadTrace): InferenceAttempt {
  const attempt = thread
    .inferenceContext({ turnId: TURN, model: "model-a", providerName: "provider-a" })
    .startAttempt();
  attempt.recordStarted({ input: [userMessage("hello")] });
  return attempt;
}

const usage: TokenUsage = {
  input_tokens: 10,
  cached_input_tokens: 1,
  output_tokens: 2,
  reasoning_output_tokens: 1,
  total_tokens: 12,
};

describe("an attempt's id", () => {
  test("[trace/A7] is no header when nothing is recorded", () => {
    const headers = new Map<string, string>();
    InferenceAttempt.disabled().addRequestHeaders((name, value) => headers.set(name, value));
    expect([...headers]).toEqual([]);
  });

  test("[trace/A8] travels in a header, a UUID of its own for each attempt", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path, { randomUuid: undefined });
    thread.recordTurnStarted({ turnId: TURN });
    const context = thread.inferenceContext({ turnId: TURN, model: "m", providerName: "p" });
    const ids = [1, 2].map(() => {
      const attempt = context.startAttempt();
      const headers = new Map<string, string>();
      attempt.addRequestHeaders((name, value) => headers.set(name, value));
      expect([...headers]).toEqual([["x-codex-inference-call-id", attempt.inferenceCallId]]);
      return attempt.inferenceCallId;
    });
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});

describe("a completed attempt", () => {
  test("[trace/A9] stores its request as sent, and both ids apart from each other", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    const request = {
      model: "model-a",
      input: [userMessage("hello")],
      client_metadata: { z: "1", a: "2" },
    };
    const attempt = thread
      .inferenceContext({ turnId: TURN, model: "model-a", providerName: "provider-a" })
      .startAttempt();
    attempt.recordStarted(request);
    attempt.recordCompleted({
      responseId: "resp-1",
      upstreamRequestId: "req-1",
      tokenUsage: usage,
      outputItems: [],
    });
    const bundle = onlyBundle(folder.path);
    const started = onlyEvent(bundle, "inference_started");
    expect(started).toMatchObject({
      inference_call_id: attempt.inferenceCallId,
      thread_id: ROOT_THREAD,
      codex_turn_id: TURN,
      model: "model-a",
      provider_name: "provider-a",
    });
    const stored = readPayload(bundle, started.request_payload);
    expect(JSON.stringify(stored)).toBe(JSON.stringify(request));
    const completed = onlyEvent(bundle, "inference_completed");
    expect(completed).toMatchObject({ response_id: "resp-1", upstream_request_id: "req-1" });
    expect(readPayload(bundle, completed.response_payload)).toEqual({
      response_id: "resp-1",
      upstream_request_id: "req-1",
      token_usage: { ...usage, cache_write_input_tokens: 0 },
      output_items: [],
    });
    for (const event of readEvents(bundle).slice(-2)) {
      expect(event).toMatchObject({ thread_id: ROOT_THREAD, codex_turn_id: TURN });
    }
  });

  test("writes null for an id there is none of, in the event and in the payload", async () => {
    await using folder = await temporaryDirectory();
    const attempt = startAttempt(startTurn(folder.path));
    attempt.recordCompleted({
      responseId: undefined,
      upstreamRequestId: undefined,
      tokenUsage: undefined,
      outputItems: [],
    });
    const bundle = onlyBundle(folder.path);
    const completed = onlyEvent(bundle, "inference_completed");
    expect(completed).toMatchObject({ response_id: null, upstream_request_id: null });
    expect(readPayload(bundle, completed.response_payload)).toEqual({
      response_id: null,
      upstream_request_id: null,
      token_usage: null,
      output_items: [],
    });
  });

  test("[trace/A10] keeps the reasoning content that a request leaves out", async () => {
    await using folder = await temporaryDirectory();
    const attempt = startAttempt(startTurn(folder.path, 1));
    const reasoning: ReasoningItem = {
      type: "reasoning",
      id: "rs-1",
      summary: [{ type: "summary_text", text: "short" }],
      content: [{ type: "text", text: "long" }],
      encrypted_content: "secret",
    };
    attempt.recordCompleted({
      ...NOTHING,
      responseId: "r",
      tokenUsage: usage,
      outputItems: [reasoning, { type: "reasoning", summary: [], encrypted_content: "only" }],
    });
    const bundle = onlyBundle(folder.path);
    const payload = readPayload(bundle, onlyEvent(bundle, "inference_completed").response_payload);
    expect(payload["output_items"]).toEqual([
      {
        type: "reasoning",
        summary: [{ type: "summary_text", text: "short" }],
        content: [{ type: "text", text: "long" }],
        encrypted_content: "secret",
      },
      { type: "reasoning", summary: [], content: null, encrypted_content: "only" },
    ]);
    // Schema 1 knows no cache writes.
    expect(payload["token_usage"]).toEqual(usage);
  });

  test("leaves out items that no reducer reads", async () => {
    await using folder = await temporaryDirectory();
    const attempt = startAttempt(startTurn(folder.path));
    const unread: ResponseItem[] = [
      { type: "other", raw: { type: "future_item" } },
      message("x", { role: "narrator" }),
      { type: "reasoning", summary: [] },
      { type: "compaction_trigger" },
      { type: "context_compaction" },
    ];
    attempt.recordCompleted({
      ...NOTHING,
      responseId: "r",
      tokenUsage: null,
      outputItems: [...unread, message("kept", { id: "msg-1" })],
    });
    const bundle = onlyBundle(folder.path);
    const payload = readPayload(bundle, onlyEvent(bundle, "inference_completed").response_payload);
    expect(payload["output_items"]).toMatchObject([{ id: "msg-1" }]);
  });
});

describe("an attempt that does not complete", () => {
  test.each(["req-1", null])(
    "[trace/A11] keeps the items finished before it was cancelled, with the upstream id %s",
    async (upstreamRequestId) => {
      await using folder = await temporaryDirectory();
      const attempt = startAttempt(startTurn(folder.path));
      attempt.recordCancelled({
        upstreamRequestId,
        outputItems: [message("partial answer", { id: "msg-1" })],
      });
      const bundle = onlyBundle(folder.path);
      const cancelled = onlyEvent(bundle, "inference_cancelled");
      expect(cancelled).toMatchObject({
        upstream_request_id: upstreamRequestId,
        reason: "response stream dropped before provider terminal event",
      });
      expect(readPayload(bundle, cancelled.partial_response_payload)).toEqual({
        response_id: null,
        upstream_request_id: upstreamRequestId,
        token_usage: null,
        output_items: [
          {
            type: "message",
            id: "msg-1",
            role: "assistant",
            content: [{ type: "output_text", text: "partial answer" }],
          },
        ],
      });
    },
  );

  test("has no payload when no item was finished, but keeps the upstream id", async () => {
    await using folder = await temporaryDirectory();
    const attempt = startAttempt(startTurn(folder.path));
    attempt.recordFailed({ error: "http 401", upstreamRequestId: "req-1", outputItems: [] });
    expect(onlyEvent(onlyBundle(folder.path), "inference_failed")).toEqual({
      type: "inference_failed",
      inference_call_id: attempt.inferenceCallId,
      upstream_request_id: "req-1",
      error: "http 401",
      partial_response_payload: null,
    });
  });

  test("records one end, whichever comes first", async () => {
    const ends: ((attempt: InferenceAttempt) => void)[] = [
      (attempt) => attempt.recordCompleted({ ...NOTHING, responseId: "r", tokenUsage: null }),
      (attempt) => attempt.recordFailed({ ...NOTHING, error: "x" }),
      (attempt) => attempt.recordCancelled({ ...NOTHING, reason: "why" }),
    ];
    for (const first of ends) {
      await using folder = await temporaryDirectory();
      const attempt = startAttempt(startTurn(folder.path));
      for (const end of [first, ...ends]) end(attempt);
      expect(eventTypes(onlyBundle(folder.path))).toHaveLength(5);
    }
  });

  test("records nothing when it ends before it started, and cannot start afterwards", async () => {
    await using folder = await temporaryDirectory();
    const attempt = startTurn(folder.path)
      .inferenceContext({ turnId: TURN, model: "m", providerName: "p" })
      .startAttempt();
    attempt.recordCancelled(NOTHING);
    attempt.recordStarted({ input: [] });
    expect(eventTypes(onlyBundle(folder.path))).toHaveLength(3);
  });
});

test("an attempt still running when its thread closes can end; then the recording is complete", async () => {
  await using folder = await temporaryDirectory();
  const thread = startTurn(folder.path);
  const attempt = startAttempt(thread);
  thread.recordTurnEnded({ turnId: TURN, status: "cancelled" });
  thread.recordEnded("completed");
  void thread.close();
  expect(eventTypes(onlyBundle(folder.path)).at(-1)).toBe("rollout_ended");
  attempt.recordCancelled(NOTHING);
  expect(eventTypes(onlyBundle(folder.path)).slice(-2)).toEqual([
    "inference_cancelled",
    "recording_completed",
  ]);
});

describe("an item that enters history", () => {
  const withId = message("one", { id: "msg-1" });
  const withoutId = message("two");

  test("is accepted under the id its response payload gives it", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    const attempt = startAttempt(thread);
    attempt.observeOutputItem(withId);
    thread.recordHistoryItemAccepted({ turnId: TURN, item: withId });
    attempt.recordCompleted({
      ...NOTHING,
      responseId: "r",
      tokenUsage: null,
      outputItems: [withId, withoutId],
    });
    thread.recordHistoryItemAccepted({ turnId: TURN, item: withoutId });
    // A copy is known by the id of its server.
    thread.recordHistoryItemAccepted({ turnId: TURN, item: { ...withId } });
    const bundle = onlyBundle(folder.path);
    const payload = readPayload(bundle, onlyEvent(bundle, "inference_completed").response_payload);
    const ids = (payload["output_items"] as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(["msg-1", expect.stringMatching(/^msg_[0-9a-f-]{36}$/)]);
    expect(eventsOf(bundle, "history_item_accepted")).toEqual(
      [ids[0], ids[1], ids[0]].map((id) => ({ type: "history_item_accepted", item_id: id })),
    );
  });

  test("is not accepted when it came from nowhere, unless requests carry its id", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    thread.recordHistoryItemAccepted({ turnId: TURN, item: userMessage("hello") });
    thread.recordHistoryItemAccepted({ turnId: TURN, item: { ...withId, id: "unknown" } });
    thread.recordHistoryItemAccepted({
      turnId: TURN,
      item: userMessage("hello"),
      wireItemId: "msg-wire",
    });
    expect(onlyEvent(onlyBundle(folder.path), "history_item_accepted").item_id).toBe("msg-wire");
  });

  test("brings its body along when it is a message of another agent that has an id in requests", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    const item: ResponseItem = {
      type: "agent_message",
      author: "/root/helper",
      recipient: "/root",
      content: [{ type: "input_text", text: "done" }],
    };
    thread.recordHistoryItemAccepted({ turnId: TURN, item });
    thread.recordHistoryItemAccepted({ turnId: TURN, item, wireItemId: "amsg-1" });
    const bundle = onlyBundle(folder.path);
    const accepted = onlyEvent(bundle, "history_item_accepted");
    expect(accepted.item_id).toBe("amsg-1");
    expect(readPayload(bundle, accepted.agent_message_payload)).toEqual({ ...item, id: "amsg-1" });
  });

  test("is not recorded in schema 1", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path, 1);
    const attempt = startAttempt(thread);
    const items = [withId, withoutId];
    attempt.recordCompleted({ ...NOTHING, responseId: "r", tokenUsage: null, outputItems: items });
    for (const item of items) thread.recordHistoryItemAccepted({ turnId: TURN, item });
    const bundle = onlyBundle(folder.path);
    expect(eventsOf(bundle, "history_item_accepted")).toEqual([]);
    const payload = readPayload(bundle, onlyEvent(bundle, "inference_completed").response_payload);
    expect(JSON.stringify(payload["output_items"])).not.toContain('"id"');
  });
});
