import { compareUtf8 } from "../json/compare-utf8.ts";
import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";
import { createItem } from "./conversation/create-item.ts";
import type { EventPayload } from "../format/raw-event.ts";
import { ItemList } from "./conversation/item-list.ts";
import type { NormalizedItem } from "./normalize/normalized-item.ts";
import { readItems } from "./normalize/read-items.ts";
import { reconcile } from "./conversation/reconcile.ts";
import { checkTurn } from "./turn.ts";
import { reportUnknownThread } from "./thread.ts";

export function startCompactionRequest(
  context: ReducerContext,
  payload: EventPayload<"compaction_request_started">,
): void {
  const requestId = payload.compaction_request_id;
  if (context.compactionRequests.has(requestId)) {
    context.problem("duplicate", `compaction request ${quote(requestId)} starts twice`, {
      objectId: requestId,
    });
    return;
  }
  if (!context.threads.has(payload.thread_id)) reportUnknownThread(context, payload.thread_id);
  checkTurn(
    context,
    payload.codex_turn_id,
    payload.thread_id,
    () => `compaction request ${quote(requestId)}`,
  );
  context.compactionRequests.set(requestId, {
    compaction_request_id: requestId,
    compaction_id: payload.compaction_id,
    thread_id: payload.thread_id,
    codex_turn_id: payload.codex_turn_id,
    execution: context.startedNow(),
    model: payload.model,
    provider_name: payload.provider_name,
    raw_request_payload_id: payload.request_payload.raw_payload_id,
    raw_response_payload_id: null,
  });
}

export function endCompactionRequest(
  context: ReducerContext,
  payload: EventPayload<"compaction_request_completed" | "compaction_request_failed">,
): void {
  const requestId = payload.compaction_request_id;
  const request = context.compactionRequests.get(requestId);
  if (request === undefined) {
    context.problem(
      "unknown_reference",
      `end of compaction request ${quote(requestId)}, which was never started`,
      { objectId: requestId },
    );
    return;
  }
  if (request.compaction_id !== payload.compaction_id) {
    context.problem(
      "context_mismatch",
      `compaction request ${quote(requestId)} of ${quote(request.compaction_id)} ends for ${quote(payload.compaction_id)}`,
      { objectId: requestId },
    );
  }
  const isCompleted = payload.type === "compaction_request_completed";
  context.endNow(request.execution, isCompleted ? "completed" : "failed");
  request.raw_response_payload_id = isCompleted ? payload.response_payload.raw_payload_id : null;
}

/** A shorter history replaced the thread's; the next full request is compared with it. */
export function installCompaction(
  context: ReducerContext,
  payload: EventPayload<"compaction_installed">,
): void {
  const compactionId = payload.compaction_id;
  const { thread_id: threadId, codex_turn_id: turnId } = context.event;
  if (context.compactions.has(compactionId)) {
    context.problem("duplicate", `compaction ${quote(compactionId)} is installed twice`, {
      objectId: compactionId,
    });
    return;
  }
  if (threadId === null || turnId === null) {
    context.problem(
      "context_mismatch",
      `compaction ${quote(compactionId)} names no thread or no turn`,
      { objectId: compactionId },
    );
    return;
  }
  if (!context.threads.has(threadId)) reportUnknownThread(context, threadId);
  checkTurn(context, turnId, threadId, () => `compaction ${quote(compactionId)}`);
  const checkpoint = context.payload(payload.checkpoint_payload);
  // What was not recorded replaced history all the same.
  const itemsIn = (member: string): readonly NormalizedItem[] | undefined =>
    checkpoint.isLost ? [] : readItems(context, checkpoint, member);
  const input = itemsIn("input_history");
  const replacement = itemsIn("replacement_history");
  if (input === undefined || replacement === undefined) return;
  const history = context.history(threadId);
  const producers = [{ type: "compaction", compaction_id: compactionId }] as const;
  const common = { history, turnId, start: 0 };
  const inputItems = reconcile(context, input, {
    ...common,
    producers: [],
    mode: "search",
    base: history.snapshot,
  });
  const marker = createItem(
    context,
    {
      role: "assistant",
      channel: null,
      kind: "compaction_marker",
      parts: [],
      callId: null,
      responsesId: undefined,
      agentMessage: undefined,
    },
    { history, turnId, producers },
  );
  const replacementItems = reconcile(context, replacement, {
    ...common,
    producers,
    mode: "create",
    base: ItemList.empty(),
  });
  for (const item of [...inputItems, marker, ...replacementItems]) history.conversation.add(item);
  history.pendingReplacement = replacementItems;
  history.latestInference = undefined;
  context.compactions.set(compactionId, {
    compaction_id: compactionId,
    thread_id: threadId,
    codex_turn_id: turnId,
    installed_at_unix_ms: context.event.wall_time_unix_ms,
    marker_item_id: marker.record.item_id,
    request_ids: [...context.compactionRequests.values()]
      .filter((request) => request.compaction_id === compactionId)
      .map((request) => request.compaction_request_id)
      .toSorted(compareUtf8),
    input_item_ids: Array.from(inputItems, (item) => item.record.item_id),
    replacement_item_ids: Array.from(replacementItems, (item) => item.record.item_id),
  });
}
