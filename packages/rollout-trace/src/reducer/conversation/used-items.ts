import type { Item } from "./item.ts";
import type { ItemList } from "./item-list.ts";

/** Which items a list of items has used. */
export class UsedItems {
  readonly #serial: number;
  readonly #base: ItemList;
  /** So many from the first item of the base on are used, marked or not. */
  #beginning = 0;
  #isBeginningMarked = true;

  /** `serial` is that of the list, `base` the history it is compared with. */
  constructor(serial: number, base: ItemList) {
    this.#serial = serial;
    this.#base = base;
  }

  add(item: Item): void {
    item.usedInList = this.#serial;
  }

  /** Uses the beginning of the base without touching its items, of which there may be thousands. */
  addBeginning(count: number): void {
    this.#beginning = count;
    this.#isBeginningMarked = count === 0;
  }

  has(item: Item): boolean {
    if (item.usedInList === this.#serial) return true;
    // What is made after all of them is none of them, and nothing else is usually asked for.
    if (this.#isBeginningMarked || item.number > this.#base.newestOf(this.#beginning)) return false;
    this.#markBeginning();
    return item.usedInList === this.#serial;
  }

  #markBeginning(): void {
    this.#isBeginningMarked = true;
    for (let index = 0; index < this.#beginning; index += 1) {
      const item = this.#base.at(index);
      if (item !== undefined) this.add(item);
    }
  }
}
