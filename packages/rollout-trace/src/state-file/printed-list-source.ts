import type { PayloadReference } from "../format/payload.ts";

/** A list as a state prints it, wherever its elements are kept. */
export interface PrintableList<Self> {
  readonly length: number;
  /** An element as it is printed in a list of a record. */
  textAt(index: number): string;
  /** How many elements at the beginning of both are the same. */
  countShared(other: Self): number;
}

/** Ids in an array of their own. */
export class ArrayIdList implements PrintableList<ArrayIdList> {
  readonly #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  get length(): number {
    return this.#ids.length;
  }

  textAt(index: number): string {
    return JSON.stringify(this.#ids[index] ?? "");
  }

  countShared(other: ArrayIdList): number {
    return countSame(this.#ids, other.#ids);
  }
}

/** Line breaks inside an element of a list are followed by so many spaces. */
const ELEMENT_INDENT = " ".repeat(8);

/** The parts of a payload. The same part is the same object in all lists. */
export class PartList implements PrintableList<PartList> {
  readonly #parts: readonly PayloadReference[];

  constructor(parts: readonly PayloadReference[]) {
    this.#parts = parts;
  }

  get length(): number {
    return this.#parts.length;
  }

  textAt(index: number): string {
    const text = JSON.stringify(this.#parts[index] ?? null, null, 2);
    return text.replaceAll("\n", `\n${ELEMENT_INDENT}`);
  }

  countShared(other: PartList): number {
    return countSame(this.#parts, other.#parts);
  }
}

function countSame(left: readonly unknown[], right: readonly unknown[]): number {
  const shorter = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < shorter && left[shared] === right[shared]) shared += 1;
  return shared;
}
