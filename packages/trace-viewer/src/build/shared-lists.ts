import type { InputList } from "@codex-ts/rollout-trace";

/** Writes lists as continuations of the last list of the same thread. */
export class SharedLists<T extends string | number> {
  readonly #latest = new Map<number, { readonly index: number; readonly list: readonly T[] }>();
  readonly #numberOf: (id: T) => number | undefined;

  constructor(numberOf: (id: T) => number | undefined) {
    this.#numberOf = numberOf;
  }

  /** `index` is the number the list can be continued by. */
  add(thread: number, index: number, list: readonly T[]): InputList {
    const before = this.#latest.get(thread);
    this.#latest.set(thread, { index, list });
    const shared = before === undefined ? 0 : sharedLength(before.list, list);
    const own = list.slice(shared).flatMap((id) => this.#numberOf(id) ?? []);
    return shared === 0 ? { base: -1, shared, own } : { base: before?.index ?? -1, shared, own };
  }
}

function sharedLength(left: readonly unknown[], right: readonly unknown[]): number {
  const longest = Math.min(left.length, right.length);
  let length = 0;
  while (length < longest && left[length] === right[length]) length += 1;
  return length;
}
