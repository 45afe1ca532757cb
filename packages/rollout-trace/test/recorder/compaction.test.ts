import type { CompactionItem, ResponseItem } from "@codex-ts/protocol";
import type { ThreadTrace, TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  eventTypes,
  message,
  NOTHING,
  onlyBundle,
  onlyEvent,
  readPayload,
  ROOT_THREAD,
  startRoot,
  userMessage,
} from "../support/recording.ts";

const TURN = "turn-a";
const summary: CompactionItem = { type: "compaction", id: "cmp-1", encrypted_content: "secret" };

function startTurn(root: string, schemaVersion: TraceSchemaVersion = 2): ThreadTrace {
  const thread = startRoot(root, { schemaVersion });
  thread.recordTurnStarted({ turnId: TURN });
  return thread;
}

function contextOf(thread: ThreadTrace, compactionId = "compaction-a") {
  return thread.compactionContext({
    turnId: TURN,
    compactionId,
    model: "model-a",
    providerName: "provider-a",
  });
}

describe("a compaction request", () => {
  test("is recorded with its answer, each retry as a request of its own", async () => {
    await using folder = await temporaryDirectory();
    const context = contextOf(startTurn(folder.path));
    const request = { model: "model-a", input: [userMessage("hello")] };
    const first = context.startAttempt(request);
    first.recordFailed({ error: "http 500" });
    first.recordCompleted({ outputItems: [summary] });
    const second = context.startAttempt(request);
    second.recordCompleted({ outputItems: [summary] });
    const bundle = onlyBundle(folder.path);
    const started = eventsOf(bundle, "compaction_request_started");
    expect(started.map((event) => event.compaction_request_id)).toEqual([
      "compaction_request:1",
      "compaction_request:2",
    ]);
    expect(second.compactionRequestId).toBe("compaction_request:2");
    expect(started[0]).toMatchObject({
      compaction_id: "compaction-a",
      thread_id: ROOT_THREAD,
      codex_turn_id: TURN,
      model: "model-a",
      provider_name: "provider-a",
    });
    expect(readPayload(bundle, started[0]?.request_payload)).toEqual(request);
    expect(onlyEvent(bundle, "compaction_request_failed")).toEqual({
      type: "compaction_request_failed",
      compaction_id: "compaction-a",
      compaction_request_id: "compaction_request:1",
      error: "http 500",
    });
    const completed = onlyEvent(bundle, "compaction_request_completed");
    expect(completed.compaction_request_id).toBe("compaction_request:2");
    expect(readPayload(bundle, completed.response_payload)).toEqual({ output_items: [summary] });
  });

  test("of an unknown turn is not recorded, nor its end", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path);
    const context = contextOf(thread);
    context.startAttempt({ input: [] }).recordCompleted({ outputItems: [] });
    context.recordInstalled({ inputHistory: [], replacementHistory: [] });
    expect(eventTypes(onlyBundle(folder.path))).toHaveLength(2);
  });
});

describe("an installed compaction", () => {
  const answer = message("answer");
  async function install(schemaVersion: TraceSchemaVersion, root: string): Promise<ResponseItem[]> {
    const thread = startTurn(root, schemaVersion);
    const attempt = thread
      .inferenceContext({ turnId: TURN, model: "m", providerName: "p" })
      .startAttempt();
    attempt.recordStarted({ input: [userMessage("hello")] });
    attempt.recordCompleted({
      ...NOTHING,
      responseId: "r",
      tokenUsage: null,
      outputItems: [answer],
    });
    const context = contextOf(thread);
    const checkpoint = {
      inputHistory: [userMessage("hello"), answer],
      replacementHistory: [userMessage("hello"), summary],
    };
    context.recordInstalled(checkpoint);
    context.recordInstalled(checkpoint);
    const bundle = onlyBundle(root);
    const { checkpoint_payload: reference } = onlyEvent(bundle, "compaction_installed");
    const payload = readPayload(bundle, reference);
    expect(Object.keys(payload)).toEqual(["input_history", "replacement_history"]);
    return Object.values(payload).flat() as unknown as ResponseItem[];
  }

  test("is recorded once, its items under the ids the trace knows them by", async () => {
    await using folder = await temporaryDirectory();
    const items = await install(2, folder.path);
    expect(items).toEqual([
      userMessage("hello"),
      { ...answer, id: expect.stringMatching(/^msg_/) },
      userMessage("hello"),
      summary,
    ]);
  });

  test("holds no ids in schema 1", async () => {
    await using folder = await temporaryDirectory();
    const items = await install(1, folder.path);
    expect(items.map((item) => "id" in item)).toEqual([false, false, false, false]);
  });
});
