import type { Item } from "../conversation/item.ts";
import { ItemList } from "../conversation/item-list.ts";

/** An element of a request: the item it became, `null` for none, `undefined` for one to be resolved again. */
export type ResolvedElement = Item | null | undefined;

/** The elements of a request that differ from those of the request before. */
export interface ElementChanges {
  /** Of shared elements that did not become what they were. */
  readonly changed: ReadonlyMap<number, ResolvedElement>;
  /** Of all elements after the shared ones. */
  readonly fresh: readonly ResolvedElement[];
}

/** The items that the elements of a request became, by position. */
export class ResolvedElements {
  readonly #elements: ResolvedElement[] = [];
  /** The items of the request. */
  #list = ItemList.empty();
  /** So many elements from the first on are, each, the item at the same position of the list. */
  #aligned = 0;

  at(index: number): ResolvedElement {
    return this.#elements[index];
  }

  /** How many of the first `count` elements are sure to be, each, the item at the same position of `base`. */
  countAligned(base: ItemList, count: number): number {
    return Math.min(count, this.#aligned, this.#list.countShared(base));
  }

  /** Takes over a request with its list of items. Its first `sharedCount` elements are here, but for what changed. */
  update(sharedCount: number, { changed, fresh }: ElementChanges, list: ItemList): void {
    const elements = this.#elements;
    // Setting a length costs, also when nothing changes.
    if (elements.length > sharedCount) elements.length = sharedCount;
    for (const [index, element] of changed) elements[index] = element;
    for (const element of fresh) elements.push(element);
    let aligned = changed.size === 0 ? this.countAligned(list, sharedCount) : 0;
    while (aligned < elements.length && isItemAt(list, aligned, elements[aligned])) aligned += 1;
    this.#list = list;
    this.#aligned = aligned;
  }
}

function isItemAt(list: ItemList, index: number, element: ResolvedElement): boolean {
  return element !== undefined && element !== null && list.at(index) === element;
}
