import { isJsonObject } from "@codex-ts/protocol";
import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";
import type { EventPayload } from "./event-payload.ts";
import { compareUtf8 } from "../json/compare-utf8.ts";
import type { Item } from "./item.ts";
import { readItems } from "./read-items.ts";
import { reconcile } from "./reconcile.ts";
import type { ThreadHistory } from "./thread-history.ts";

/** Works out which items a request showed the model; they become the thread's snapshot. */
export function reduceRequest(
  context: ReducerContext,
  event: EventPayload<"inference_started">,
): readonly Item[] {
  const history = context.history(event.thread_id);
  const payload = context.payload(event.request_payload);
  const value = payload.json();
  if (value === undefined) return [];
  const previous = isJsonObject(value) ? value["previous_response_id"] : undefined;
  const items = readItems(context, payload, "input");
  if (items === undefined) return [];
  let ids: readonly Item[];
  if (typeof previous === "string") {
    const prefix = priorItems(context, history, previous, event.inference_call_id);
    const delta = reconcile(context, items, {
      history,
      turnId: event.codex_turn_id,
      producers: [],
      mode: "append",
      base: history.snapshot,
      start: prefix.length,
    });
    ids = [...prefix, ...delta];
  } else {
    ids = reconcile(context, items, {
      history,
      turnId: event.codex_turn_id,
      producers: [],
      mode: "full",
      base: history.pendingReplacement ?? history.snapshot,
      start: 0,
    });
    history.pendingReplacement = undefined;
  }
  history.snapshot = ids;
  for (const item of ids) history.conversation.add(item);
  return ids;
}

/** What an incremental request leaves out: request and response of the call it continues. */
function priorItems(
  context: ReducerContext,
  history: ThreadHistory,
  responseId: string,
  callId: string,
): readonly Item[] {
  const calls = [...(history.callsOfResponseId.get(responseId) ?? [])];
  const first = calls.toSorted(compareUtf8)[0];
  const call = first === undefined ? undefined : context.inferences.get(first);
  if (call === undefined) {
    context.problem(
      "previous_response_unknown",
      `request of call ${quote(callId)} continues response ${quote(responseId)}, which no call of the thread had`,
      { objectId: callId },
    );
    return history.snapshot;
  }
  return [...call.request_item_ids, ...call.response_item_ids].flatMap(
    (id) => context.items.get(id) ?? [],
  );
}
