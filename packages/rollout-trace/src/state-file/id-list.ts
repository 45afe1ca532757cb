/** A list of ids as a state prints it, wherever the ids are kept. */
export interface IdList<Self> {
  readonly length: number;
  idAt(index: number): string;
  /** How many ids at the beginning of both are the same. */
  countShared(other: Self): number;
}

/** Ids in an array of their own. */
export class ArrayIdList implements IdList<ArrayIdList> {
  readonly #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  get length(): number {
    return this.#ids.length;
  }

  idAt(index: number): string {
    return this.#ids[index] ?? "";
  }

  countShared(other: ArrayIdList): number {
    const shorter = Math.min(this.length, other.length);
    let shared = 0;
    while (shared < shorter && this.#ids[shared] === other.#ids[shared]) shared += 1;
    return shared;
  }
}
