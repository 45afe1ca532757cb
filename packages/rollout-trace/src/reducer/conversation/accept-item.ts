import type { PayloadReference } from "../../format/payload.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { createItem, fileUnderContent } from "./create-item.ts";
import type { Draft } from "../draft.ts";
import type { Item } from "./item.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";
import { noteNewBody } from "./unsettled.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import { readItem } from "../normalize/read-items.ts";
import { applySighting } from "./sighting.ts";
import { reportUnknownThread } from "../thread.ts";
import type { ThreadHistory } from "./thread-history.ts";
import { stampAcceptance } from "./item.ts";
import { startQueuedCells } from "../code-cell/code-cell.ts";

/** Schema 2: an item entered live history. The first acceptance of an id is the one that counts. */
export function acceptHistoryItem(
  context: ReducerContext,
  payload: EventPayload<"history_item_accepted">,
): void {
  const threadId = context.event.thread_id;
  if (threadId === null) {
    context.problem("context_mismatch", `acceptance of ${quote(payload.item_id)} names no thread`);
    return;
  }
  if (!context.threads.has(threadId)) reportUnknownThread(context, threadId);
  const history = context.history(threadId);
  const reference = payload.agent_message_payload ?? null;
  if (reference !== null) receiveAgentMessage(context, history, payload.item_id, reference);
  if (history.acceptances.has(payload.item_id)) return;
  const acceptance = { timeUnixMs: context.event.wall_time_unix_ms, seq: context.event.seq };
  history.acceptances.set(payload.item_id, acceptance);
  for (const item of history.itemsByResponsesId.get(payload.item_id) ?? [])
    stampAcceptance(item, acceptance);
}

/** A message from another agent travels with its acceptance, because no response and maybe no request shows it first. */
function receiveAgentMessage(
  context: ReducerContext,
  history: ThreadHistory,
  itemId: string,
  reference: PayloadReference,
): void {
  // Any item of that id will do, whatever the message says. Observed with 0.169.
  if (history.itemsByResponsesId.has(itemId)) return;
  const payload = context.payload(reference);
  const value = payload.json();
  if (value === undefined) return;
  const incoming = readItem(context, {
    value,
    payloadId: reference.raw_payload_id,
    exact: () => payload.exact(),
  });
  if (incoming?.agentMessage === undefined || incoming.responsesId !== itemId) {
    context.problem(
      "acceptance_mismatch",
      `accepted agent message ${quote(itemId)} is not the one in ${quote(reference.raw_payload_id)}`,
      { payloadId: reference.raw_payload_id, objectId: itemId },
    );
    return;
  }
  const turnId = context.event.codex_turn_id;
  const item = createItem(context, incoming, { history, turnId, producers: [] });
  applySighting(context, item, incoming, []);
  startQueuedCells(context);
  history.conversation.add(item);
  // Not part of what the model last saw: the list that shows it first takes it by its id.
  history.unseenMessages.set(itemId, item);
}

/**
 * Schema 2: the item of an accepted message of another agent that no list has shown yet, for the first incoming message
 * that would become a new item. It is known by its id alone and gets the incoming body. Observed with 0.169.
 */
export function takeUnseenMessage(
  context: ReducerContext,
  history: ThreadHistory,
  incoming: NormalizedItem,
): Item | undefined {
  const { responsesId, agentMessage } = incoming;
  if (agentMessage === undefined || responsesId === undefined) return undefined;
  const item = history.unseenMessages.get(responsesId);
  if (item === undefined) return undefined;
  history.unseenMessages.delete(responsesId);
  item.record.body.parts = [...incoming.parts] as Draft<Item["record"]["body"]["parts"]>;
  noteNewBody(context, item);
  fileUnderContent(item);
  return item;
}
