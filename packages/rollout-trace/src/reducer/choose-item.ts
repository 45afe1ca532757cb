import { quote } from "../reader/problem.ts";
import { contentKeysOfIncoming } from "./content-key.ts";
import type { ReducerContext } from "./context.ts";
import { isOutputKind } from "./item.ts";
import type { Item } from "./item.ts";
import type { ItemList } from "./item-list.ts";
import { contentMatches, itemMatches } from "./match.ts";
import type { NormalisedItem } from "./normalised-item.ts";
import type { ThreadHistory } from "./thread-history.ts";

/** The history a list of incoming items is compared with. */
export class BaseHistory {
  readonly items: ItemList;
  #positions: Map<Item, number> | undefined;

  constructor(items: ItemList) {
    this.items = items;
  }

  /** First position of an item, or `undefined`. Built on first use: most lists are matched by position alone. */
  positionOf(item: Item): number | undefined {
    if (this.#positions === undefined) {
      this.#positions = new Map();
      let position = 0;
      for (const each of this.items) {
        if (!this.#positions.has(each)) this.#positions.set(each, position);
        position += 1;
      }
    }
    return this.#positions.get(item);
  }
}

/** The first item of the base that matches and is not used in this list. */
export function firstUnusedMatch(
  base: BaseHistory,
  history: ThreadHistory,
  incoming: NormalisedItem,
  listSerial: number,
): Item | undefined {
  let first: Item | undefined;
  let firstPosition = Number.POSITIVE_INFINITY;
  for (const key of contentKeysOfIncoming(incoming)) {
    for (const candidate of history.itemsByContent.get(key) ?? []) {
      if (candidate.usedInList === listSerial || !itemMatches(candidate.record, incoming)) continue;
      const position = base.positionOf(candidate);
      if (position === undefined || position >= firstPosition) continue;
      first = candidate;
      firstPosition = position;
    }
  }
  return first;
}

/** Schema 2 responses: the first item created with that very Responses id. */
export function firstWithSameId(
  history: ThreadHistory,
  incoming: NormalisedItem,
  listSerial: number,
): Item | undefined {
  if (incoming.responsesId === undefined) return undefined;
  return history.itemsByResponsesId
    .get(incoming.responsesId)
    ?.find((item) => item.usedInList !== listSerial && itemMatches(item.record, incoming));
}

/**
 * A call id stands for one call and one output in a thread. Reports when it comes back with something else, and gives
 * the item it stood for. Schema 2 exempts outputs, whose images it recognises by content.
 */
export function findReusedCallId(
  context: ReducerContext,
  history: ThreadHistory,
  incoming: NormalisedItem,
): Item | undefined {
  const { callId, kind } = incoming;
  if (callId === null || (context.schema === 2 && isOutputKind(kind))) return undefined;
  const reused = history.itemsByCallId
    .get(callId)
    ?.find((item) => item.record.kind === kind && !contentMatches(item.record, incoming));
  if (reused !== undefined) {
    context.problem(
      "call_id_reused",
      `call id ${quote(callId)} comes back with other content than ${reused.record.item_id}`,
      { objectId: callId },
    );
  }
  return reused;
}
