import type { ByteOperations } from "../../json/bytes.ts";
import { ResolvedElements } from "./resolved-elements.ts";
import type { RequestTail } from "./request-tail.ts";

/** Offsets of the parts of a request: head, elements of `input`, tail. */
export interface RequestLayout {
  /** After the `[` of `input`. */
  readonly headEnd: number;
  /** After each element. */
  readonly ends: number[];
  /** At the `]` of `input`. */
  readonly listEnd: number;
  readonly tail: RequestTail;
}

const NO_LAYOUT: RequestLayout = {
  headEnd: 0,
  ends: [],
  listEnd: 0,
  tail: { memberStarts: [], hasPreviousResponseId: false, previousResponseId: undefined },
};

const GROWTH = 2;

/** The bytes of a thread's last full request, with what its elements became. */
export class CachedRequest {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #layout: RequestLayout = NO_LAYOUT;
  /** The items its elements became. */
  readonly elements: ResolvedElements = new ResolvedElements();

  /** Bytes of the request; up to twice as many are set aside for the next one. */
  get length(): number {
    return this.#length;
  }

  get layout(): RequestLayout {
    return this.#layout;
  }

  /** Takes over a request, of which the first `sharedEnd` bytes are here already. */
  replace(bytes: Uint8Array, sharedEnd: number, layout: RequestLayout): void {
    if (this.#bytes.length < bytes.length) {
      // Requests grow by a little each time. But of many a thread there is only one, and there may be many threads.
      const isFirst = this.#bytes.length === 0;
      const larger = new Uint8Array(isFirst ? bytes.length : bytes.length * GROWTH);
      larger.set(this.#bytes.subarray(0, sharedEnd));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(sharedEnd), sharedEnd);
    this.#length = bytes.length;
    this.#layout = layout;
  }

  hasSameHead(operations: ByteOperations, bytes: Uint8Array): boolean {
    const { headEnd } = this.#layout;
    return bytes.length >= headEnd && operations.equal(this.#bytes, 0, bytes, 0, headEnd);
  }

  /** How many members of the tail start, at their `"`, in the bytes that a request's tail, from its `]` on, repeats. */
  countSharedTailMembers(operations: ByteOperations, bytes: Uint8Array, listEnd: number): number {
    const { listEnd: start, tail } = this.#layout;
    const isSame = this.#comparison(operations, start, bytes, listEnd);
    return countShared(tail.memberStarts, 0, (from, to) => isSame(from, to + 1));
  }

  /** How many whole elements a request, whose elements start at `headEnd`, has in common with this one. */
  countSharedElements(operations: ByteOperations, bytes: Uint8Array, headEnd: number): number {
    const { headEnd: start, ends } = this.#layout;
    const isSame = this.#comparison(operations, start, bytes, headEnd);
    return countShared(ends, start, (from, to) => isSame(from - start, to - start));
  }

  /** Compares ranges given by their distances from two starts. What one of the two does not have is not the same. */
  #comparison(
    operations: ByteOperations,
    ownStart: number,
    bytes: Uint8Array,
    start: number,
  ): RangeComparison {
    const longest = Math.min(this.#length - ownStart, bytes.length - start);
    return (from, to) =>
      to <= longest &&
      operations.equal(this.#bytes, ownStart + from, bytes, start + from, to - from);
  }
}

type RangeComparison = (from: number, to: number) => boolean;

/** How many of the sorted positions lie, from `start` on, in what two ranges have in common. */
function countShared(positions: readonly number[], start: number, isSame: RangeComparison): number {
  // Nearly always all of them.
  if (isSame(start, positions.at(-1) ?? start)) return positions.length;
  let low = 0;
  let high = positions.length;
  let sameUntil = start;
  while (low < high) {
    const middle = (low + high) >> 1;
    const position = positions[middle] ?? sameUntil;
    if (isSame(sameUntil, position)) {
      low = middle + 1;
      sameUntil = position;
    } else high = middle;
  }
  return low;
}
