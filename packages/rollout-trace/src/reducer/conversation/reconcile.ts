import type { ConversationProducer } from "../../model/conversation.ts";
import { startQueuedCells } from "../code-cell/code-cell.ts";
import {
  BaseHistory,
  findReusedCallId,
  firstUnusedMatch,
  firstUnusedOf,
  namesakesOf,
} from "./choose-item.ts";
import type { ReducerContext } from "../context.ts";
import { createItem } from "./create-item.ts";
import { isOutputKind } from "./item.ts";
import type { Item } from "./item.ts";
import type { ItemList } from "./item-list.ts";
import { placeBefore } from "./place.ts";
import type { ResolvedElements } from "../request-cache/resolved-elements.ts";
import { differsByPayloadOnly, itemMatches } from "./match.ts";
import type { NormalizedItem } from "../normalize/normalized-item.ts";
import { applySighting } from "./sighting.ts";
import type { ThreadHistory } from "./thread-history.ts";
import { takeUnseenItem } from "./accept-item.ts";
import { areSettledUpTo } from "./unsettled.ts";
import { UsedItems } from "./used-items.ts";

export interface ReconcileOptions {
  readonly history: ThreadHistory;
  readonly turnId: string;
  readonly producers: readonly ConversationProducer[];
  /**
   * How incoming items get their identity. `full`: by position, else any unused match of the base. `append`: only by
   * position, which must match as far as the base reaches. `response`: like `append`, in schema 2 after looking among
   * the items that have a Responses id of the list, also for an item that has none. `search`: any unused match of the
   * base. `create`: always new.
   */
  readonly mode: "full" | "append" | "response" | "search" | "create";
  readonly base: ItemList;
  /** Position of the first incoming item in the base. */
  readonly start: number;
}

/** Matches each incoming item with a known one or creates it, in order. Source: docs/behavior/rollout-trace.md 7.5. */
export function reconcile(
  context: ReducerContext,
  items: readonly NormalizedItem[],
  options: ReconcileOptions,
): ItemList {
  // In schema 1 nothing has an id.
  const namesakes = options.mode === "response" ? namesakesOf(options.history, items) : [];
  const list = new Reconciliation(context, options, namesakes);
  for (const incoming of items) list.add(incoming);
  return list.finish();
}

/** One list of items on its way to identities. */
export class Reconciliation {
  readonly #context: ReducerContext;
  readonly #options: ReconcileOptions;
  readonly #base: BaseHistory;
  readonly #used: UsedItems;
  /** Looked at before anything else. */
  readonly #namesakes: readonly Item[];
  /** How many items the list has in common with the beginning of the base. */
  #shared = 0;
  /** The items after those. */
  readonly #own: Item[] = [];
  /** The new items since the last that came with its acceptance. */
  #created: Item[] = [];

  constructor(context: ReducerContext, options: ReconcileOptions, namesakes: readonly Item[] = []) {
    this.#context = context;
    this.#namesakes = namesakes;
    this.#options = options;
    this.#base = new BaseHistory(options.base);
    this.#used = new UsedItems(context.beginList(), options.base);
  }

  /** Whether the next item, if it repeats `item`, is certain to become `item` again. */
  repeats(item: Item): boolean {
    return this.#atPosition === item && this.#mayTake(item);
  }

  /**
   * Takes, from the first element on, the known items that are certain to become themselves again and have nothing new
   * about them. Returns their number. Only for a list that starts where its base does: nearly all of a request is taken here.
   */
  takeRepetitions(known: ResolvedElements, count: number): number {
    const { base } = this.#options;
    const aligned = known.countAligned(base, count);
    let taken = areSettledUpTo(this.#context, base.newestOf(aligned)) ? aligned : 0;
    while (taken < count) {
      // One list made them all, so where a list takes an item only once they are all different.
      const item = known.at(taken);
      if (item === undefined || item === null || item !== base.at(taken)) break;
      if (item.hasNewBody || item.hasPendingLinks) break;
      taken += 1;
    }
    this.#shared = taken;
    this.#used.addBeginning(taken);
    return taken;
  }

  /** Takes an item without a sighting: nothing about it is new. */
  take(item: Item): void {
    this.#used.add(item);
    const continues = this.#own.length === 0 && this.#options.base.at(this.#shared) === item;
    if (continues) this.#shared += 1;
    else this.#own.push(item);
  }

  add(incoming: NormalizedItem): Item {
    const reused = findReusedCallId(this.#context, this.#options.history, incoming);
    const item =
      this.#sameButForPayloads(reused, incoming) ??
      this.#find(incoming) ??
      this.#takeUnseen(incoming) ??
      this.#create(incoming);
    this.take(item);
    applySighting(this.#context, item, incoming, this.#options.producers);
    return item;
  }

  finish(): ItemList {
    startQueuedCells(this.#context);
    return this.#options.base.extend(this.#shared, this.#own);
  }

  #create(incoming: NormalizedItem): Item {
    const item = createItem(this.#context, incoming, this.#options);
    this.#created.push(item);
    return item;
  }

  /** An output that was accepted before stands, in the conversation, behind what this list shows first in front of it. */
  #takeUnseen(incoming: NormalizedItem): Item | undefined {
    const { history } = this.#options;
    const item = takeUnseenItem(this.#context, history, incoming);
    if (item !== undefined && isOutputKind(incoming.kind) && this.#created.length > 0) {
      placeBefore(item, this.#created);
      this.#created = [];
    }
    return item;
  }

  /** Whether the list may hold the item, or hold it again. */
  #mayTake(item: Item): boolean {
    return this.#context.rules.items.mayRepeatInList || !this.#used.has(item);
  }

  get #length(): number {
    return this.#shared + this.#own.length;
  }

  /** The item of the base at the place of the next one. */
  get #atPosition(): Item | undefined {
    return this.#options.base.at(this.#options.start + this.#length);
  }

  /** Only tolerant reading gets here: an image in a tool's output, which schema 1 can not recognize, is no new output. */
  #sameButForPayloads(reused: Item | undefined, incoming: NormalizedItem): Item | undefined {
    if (reused === undefined || this.#used.has(reused)) return undefined;
    return differsByPayloadOnly(reused.record, incoming) ? reused : undefined;
  }

  #find(incoming: NormalizedItem): Item | undefined {
    const { mode, history } = this.#options;
    if (mode === "create") return undefined;
    if (mode === "search") return firstUnusedMatch(this.#base, history, incoming, this.#used);
    const namesake = firstUnusedOf(this.#namesakes, incoming, this.#used);
    if (namesake !== undefined) return namesake;
    const atPosition = this.#atPosition;
    if (
      atPosition !== undefined &&
      itemMatches(atPosition.record, incoming) &&
      (mode !== "full" || this.repeats(atPosition))
    )
      return atPosition;
    if (mode === "full") return firstUnusedMatch(this.#base, history, incoming, this.#used);
    if (atPosition !== undefined) {
      this.#context.problem(
        "history_mismatch",
        `item ${this.#length} of the list is not ${atPosition.record.item_id}, which history has there`,
        { objectId: atPosition.record.item_id },
      );
    }
    return undefined;
  }
}
