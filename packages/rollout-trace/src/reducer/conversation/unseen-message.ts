import type { ReducerContext } from "../context.ts";
import { fileUnderContent } from "./create-item.ts";
import type { Draft } from "../draft.ts";
import type { Item } from "./item.ts";
import type { NormalisedItem } from "../normalize/normalized-item.ts";
import type { ThreadHistory } from "./thread-history.ts";
import { noteNewBody } from "./unsettled.ts";

/**
 * Schema 2: the item of an accepted message of another agent that no list has shown yet, for the first incoming message
 * that would become a new item. It is known by its id alone and gets the incoming body. Observed with 0.169.
 */
export function takeUnseenMessage(
  context: ReducerContext,
  history: ThreadHistory,
  incoming: NormalisedItem,
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
