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
import { addProducer, isOutputKind, stampAcceptance } from "./item.ts";
import { startQueuedCells } from "../code-cell/code-cell.ts";

/** From schema 2 on: an item entered live history. The first acceptance of an id is the one that counts. */
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
  const message = payload.agent_message_payload ?? null;
  if (message !== null) receive(context, history, payload.item_id, message, AGENT_MESSAGE);
  const output = payload.tool_output_payload ?? null;
  if (output !== null) receive(context, history, payload.item_id, output, TOOL_OUTPUT);
  if (history.acceptances.has(payload.item_id)) return;
  const acceptance = { timeUnixMs: context.event.wall_time_unix_ms, seq: context.event.seq };
  history.acceptances.set(payload.item_id, acceptance);
  for (const item of history.itemsByResponsesId.get(payload.item_id) ?? [])
    stampAcceptance(item, acceptance);
}

/** An item that travels with its acceptance, because no response and maybe no request shows it first. */
interface ReceivedKind {
  readonly name: string;
  /** Whether the body has to be that of such an item also when one of its id is there already. */
  readonly isAlwaysChecked: boolean;
  isOfKind(incoming: NormalizedItem): boolean;
  /** Records the links of the item that are known before any list shows it. */
  link(context: ReducerContext, item: Item, incoming: NormalizedItem): void;
}

const AGENT_MESSAGE: ReceivedKind = {
  name: "agent message",
  // Any item of that id will do, whatever the message says. Observed with 0.169.
  isAlwaysChecked: false,
  isOfKind: ({ agentMessage }) => agentMessage !== undefined,
  link(context, item, incoming) {
    applySighting(context, item, incoming, []);
  },
};

const TOOL_OUTPUT: ReceivedKind = {
  name: "tool output",
  isAlwaysChecked: true,
  isOfKind: ({ kind }) => isOutputKind(kind),
  // The tool is not yet told of its output. Observed with 0.171.
  link(context, item) {
    const callId = item.record.call_id;
    const toolId = callId === null ? undefined : context.toolOfCallId.get(callId);
    if (toolId !== undefined) addProducer(item, { type: "tool", tool_call_id: toolId });
  },
};

/** Whether an item of an id is there already. In schema 3 only what could have been received counts. */
function isReceived(context: ReducerContext, history: ThreadHistory, itemId: string): boolean {
  const items = history.itemsByResponsesId.get(itemId) ?? [];
  if (context.rules.items.areReceivedOverAnyItem) return items.length > 0;
  return items.some(
    ({ record }) => record.agent_message !== undefined || isOutputKind(record.kind),
  );
}

function receive(
  context: ReducerContext,
  history: ThreadHistory,
  itemId: string,
  reference: PayloadReference,
  kind: ReceivedKind,
): void {
  const isKnown = isReceived(context, history, itemId);
  if (isKnown && !kind.isAlwaysChecked) return;
  const payload = context.payload(reference);
  const value = payload.json();
  if (value === undefined) return;
  const incoming = readItem(context, {
    value,
    payloadId: reference.raw_payload_id,
    lostParts: payload.lostParts,
    exact: () => payload.exact(),
  });
  if (incoming === undefined || !kind.isOfKind(incoming) || incoming.responsesId !== itemId) {
    context.problem(
      "acceptance_mismatch",
      `accepted ${kind.name} ${quote(itemId)} is not the one in ${quote(reference.raw_payload_id)}`,
      { payloadId: reference.raw_payload_id, objectId: itemId },
    );
    return;
  }
  if (isKnown) return;
  const turnId = context.event.codex_turn_id;
  const item = createItem(context, incoming, { history, turnId, producers: [] });
  kind.link(context, item, incoming);
  startQueuedCells(context);
  history.conversation.add(item);
  // Not part of what the model last saw: the list that shows it first takes it by its id.
  history.unseenItems.set(itemId, item);
}

/**
 * The item that came with its acceptance and that no list has shown yet, for the first incoming item that would become a
 * new one. It is known by its id alone and gets the incoming body. Observed with 0.169 and 0.171.
 */
export function takeUnseenItem(
  context: ReducerContext,
  history: ThreadHistory,
  incoming: NormalizedItem,
): Item | undefined {
  const { responsesId } = incoming;
  const item = responsesId === undefined ? undefined : history.unseenItems.get(responsesId);
  if (responsesId === undefined || item === undefined) return undefined;
  // In schema 3 either kind takes the place of the other. Observed with 0.171.
  const kinds = context.rules.items.areReceivedOverAnyItem
    ? [item.record.agent_message === undefined ? TOOL_OUTPUT : AGENT_MESSAGE]
    : [TOOL_OUTPUT, AGENT_MESSAGE];
  if (!kinds.some((kind) => kind.isOfKind(incoming))) return undefined;
  history.unseenItems.delete(responsesId);
  item.record.body.parts = [...incoming.parts] as Draft<Item["record"]["body"]["parts"]>;
  // What no list has used no bytes have become.
  if (item.usedInList !== 0) noteNewBody(context, item);
  fileUnderContent(item);
  return item;
}
