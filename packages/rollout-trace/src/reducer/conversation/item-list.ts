import type { Item } from "./item.ts";

/**
 * An immutable list of items that shares memory with the lists it grew out of: a view of the beginning of an array to
 * which longer lists append. Histories grow by a few items per request, so copying them each time would be most of the
 * work.
 */
export class ItemList implements Iterable<Item> {
  readonly #items: Item[];
  /** For each item the greatest number of those up to it. */
  readonly #newest: number[];
  readonly length: number;

  private constructor(items: Item[], newest: number[], length: number) {
    this.#items = items;
    this.#newest = newest;
    this.length = length;
  }

  static empty(): ItemList {
    return new ItemList([], [], 0);
  }

  at(index: number): Item | undefined {
    return index < this.length ? this.#items[index] : undefined;
  }

  /** The first `count` items of this list, and then `more`. */
  extend(count: number, more: readonly Item[]): ItemList {
    const continues = count === this.length && this.#items.length === this.length;
    const items = continues ? this.#items : this.#items.slice(0, count);
    const newest = continues ? this.#newest : this.#newest.slice(0, count);
    for (const item of more) {
      newest.push(Math.max(newest.at(-1) ?? 0, item.number));
      items.push(item);
    }
    return new ItemList(items, newest, items.length);
  }

  /** The greatest number of the first `count` items. */
  newestOf(count: number): number {
    return this.#newest[count - 1] ?? 0;
  }

  append(more: readonly Item[]): ItemList {
    return this.extend(this.length, more);
  }

  *[Symbol.iterator](): Generator<Item, void> {
    for (let index = 0; index < this.length; index += 1) {
      const item = this.#items[index];
      if (item !== undefined) yield item;
    }
  }

  textAt(index: number): string {
    return JSON.stringify(this.at(index)?.record.item_id ?? "");
  }

  /** How many items at the beginning of both are the same. */
  countShared(other: ItemList): number {
    const shorter = Math.min(this.length, other.length);
    if (this.#items === other.#items) return shorter;
    let shared = 0;
    while (shared < shorter && this.#items[shared] === other.#items[shared]) shared += 1;
    return shared;
  }

  /** The ids of the items; `printed` keeps those of each shared array from one call to the next. */
  ids(printed: WeakMap<object, string[]>): string[] {
    const ids = printed.get(this.#items) ?? [];
    for (let index = ids.length; index < this.length; index += 1)
      ids.push(this.#items[index]?.record.item_id ?? "");
    printed.set(this.#items, ids);
    return ids.slice(0, this.length);
  }
}
