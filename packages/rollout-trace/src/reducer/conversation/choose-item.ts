import { quote } from "../../reader/problem.ts";
import { contentKeysOfIncoming } from "./content-key.ts";
import type { ReducerContext } from "../context.ts";
import { isOutputKind } from "./item.ts";
import type { Item } from "./item.ts";
import type { ItemList } from "./item-list.ts";
import { contentMatches, itemMatches } from "./match.ts";
import { comparePlaces } from "./place.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";
import type { ThreadHistory } from "./thread-history.ts";
import type { UsedItems } from "./used-items.ts";

/** Items of the base that share a content key, by position. Those before `start` are all used in the list. */
interface Candidates {
  readonly items: readonly Item[];
  start: number;
}

/** The history one list of incoming items is compared with. */
export class BaseHistory {
  readonly items: ItemList;
  #positions: Map<Item, number> | undefined;
  /** Made on first use, too. */
  #candidates: Map<number, Candidates> | undefined;

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

  isBefore(item: Item, other: Item): boolean {
    const end = Number.POSITIVE_INFINITY;
    return (this.positionOf(item) ?? end) < (this.positionOf(other) ?? end);
  }

  /**
   * The first item under a content key that matches and is not used in this list. An item once used stays used, so that
   * a history of many equal items is not searched from its beginning for each of them.
   */
  firstUnused(
    key: number,
    { itemsByContent }: ThreadHistory,
    incoming: NormalizedItem,
    used: UsedItems,
  ): Item | undefined {
    const filed = itemsByContent.get(key);
    if (filed === undefined) return undefined;
    this.#candidates ??= new Map();
    const known = this.#candidates.get(key) ?? { items: this.#byPosition(filed), start: 0 };
    this.#candidates.set(key, known);
    let isStart = true;
    for (let index = known.start; index < known.items.length; index += 1) {
      const item = known.items[index];
      if (item === undefined) break;
      const isUsed = used.has(item);
      if (!isUsed && itemMatches(item.record, incoming)) return item;
      isStart &&= isUsed;
      if (isStart) known.start = index + 1;
    }
    return undefined;
  }

  #byPosition(filed: readonly Item[]): readonly Item[] {
    const position = (item: Item): number => this.positionOf(item) ?? -1;
    // What no list has used is in no base, and looking for its place would cost more than all the rest.
    return filed
      .filter((item) => item.usedInList !== 0)
      .filter((item) => position(item) !== -1)
      .toSorted((left, right) => position(left) - position(right));
  }
}

/** The first item of the base that matches and is not used in this list. */
export function firstUnusedMatch(
  base: BaseHistory,
  history: ThreadHistory,
  incoming: NormalizedItem,
  used: UsedItems,
): Item | undefined {
  let first: Item | undefined;
  for (const key of contentKeysOfIncoming(incoming)) {
    const found = base.firstUnused(key, history, incoming, used);
    if (found !== undefined && (first === undefined || base.isBefore(found, first))) first = found;
  }
  return first;
}

/** Schema 2 responses: all items that have a Responses id of the list, oldest first. */
export function namesakesOf(
  history: ThreadHistory,
  list: readonly NormalizedItem[],
): readonly Item[] {
  const ids = new Set(list.map((incoming) => incoming.responsesId));
  const named = [...ids].flatMap((id) =>
    id === undefined ? [] : (history.itemsByResponsesId.get(id) ?? []),
  );
  return named.toSorted(comparePlaces);
}

/** The first of some items that matches and is not used in this list. */
export function firstUnusedOf(
  items: readonly Item[],
  incoming: NormalizedItem,
  used: UsedItems,
): Item | undefined {
  return items.find((item) => !used.has(item) && itemMatches(item.record, incoming));
}

/**
 * A call id stands for one call and one output in a thread. Reports when it comes back with something else, and returns
 * the item it stood for.
 */
export function findReusedCallId(
  context: ReducerContext,
  history: ThreadHistory,
  incoming: NormalizedItem,
): Item | undefined {
  const { callId, kind } = incoming;
  if (callId === null || (isOutputKind(kind) && !context.rules.items.bindOutputsToCallIds))
    return undefined;
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
