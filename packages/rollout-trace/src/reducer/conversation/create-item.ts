import type { ConversationProducer } from "../../model/conversation.ts";
import { stampAcceptance } from "./item.ts";
import { contentKeysOfItem } from "./content-key.ts";
import type { ReducerContext } from "../context.ts";
import type { Draft } from "../draft.ts";
import type { Item } from "./item.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";
import { addToList } from "./thread-history.ts";
import type { ThreadHistory } from "./thread-history.ts";

export interface CreateItemOptions {
  readonly history: ThreadHistory;
  readonly turnId: string | null;
  readonly producers: readonly ConversationProducer[];
}

/** Makes the next conversation item and files it under everything it can be found by. */
export function createItem(
  context: ReducerContext,
  incoming: Omit<NormalizedItem, "kind"> & { readonly kind: Item["record"]["kind"] },
  { history, turnId, producers }: CreateItemOptions,
): Item {
  const number = context.items.size + 1;
  const { responsesId, agentMessage } = incoming;
  // Members in Codex's order. Only a spread that comes first is quick, and every item passes here.
  const item_id = `conversation_item:${number}`;
  const ids = responsesId === undefined ? { item_id } : { item_id, responses_item_id: responsesId };
  const head = {
    ...ids,
    thread_id: history.threadId,
    codex_turn_id: turnId,
    first_seen_at_unix_ms: context.event.wall_time_unix_ms,
    role: incoming.role,
    channel: incoming.channel,
    kind: incoming.kind,
  };
  const record: Item["record"] = {
    ...(agentMessage === undefined ? head : { ...head, agent_message: { ...agentMessage } }),
    body: { parts: [...incoming.parts] as Draft<Item["record"]["body"]["parts"]> },
    call_id: incoming.callId,
    produced_by: producers.map((producer) => ({ ...producer })),
  };
  const item: Item = {
    number,
    place: number,
    record,
    siblings: history,
    usedInList: 0,
    responseCalls: undefined,
    hasPendingLinks: false,
    hasNewBody: false,
  };
  context.items.set(record.item_id, item);
  history.items.push(item);
  fileUnderContent(item);
  if (incoming.callId !== null) {
    addToList(history.itemsByCallId, incoming.callId, item);
    addToList(context.itemsByCallId, incoming.callId, item);
  }
  if (responsesId !== undefined) fileUnderResponsesId(item, responsesId);
  return item;
}

/** Also called when the body changed; what it was filed under before is found and then fails the comparison. */
export function fileUnderContent(item: Item): void {
  for (const key of contentKeysOfItem(item.record))
    addToList(item.siblings.itemsByContent, key, item);
}

/** Sets the Responses id of an item, with the acceptance already known for that id. */
export function adoptResponsesId(item: Item, responsesId: string): void {
  item.record.responses_item_id = responsesId;
  fileUnderResponsesId(item, responsesId);
}

function fileUnderResponsesId(item: Item, responsesId: string): void {
  const { itemsByResponsesId, acceptances } = item.siblings;
  const list = itemsByResponsesId.get(responsesId);
  if (list === undefined) itemsByResponsesId.set(responsesId, [item]);
  else {
    // An id adopted late goes before younger items: "first" means first created.
    const after = list.findIndex((other) => other.number > item.number);
    if (after === -1) list.push(item);
    else list.splice(after, 0, item);
  }
  const acceptance = acceptances.get(responsesId);
  if (acceptance !== undefined) stampAcceptance(item, acceptance);
}
