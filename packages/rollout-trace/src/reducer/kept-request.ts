import type { ByteOperations } from "../json/bytes.ts";
import type { Item } from "./item.ts";
import type { RequestTail } from "./request-tail.ts";

/** What an element of a request became: an item, no item at all, or something to be looked at again. */
export type KnownElement = Item | null | undefined;

/** What became of the elements of a request. */
export interface ElementChanges {
  /** Of shared elements that did not become what they were. */
  readonly changed: ReadonlyMap<number, KnownElement>;
  /** Of all elements after the shared ones. */
  readonly fresh: readonly KnownElement[];
}

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

/** The bytes of a thread's last full request, with what its elements became. */
export class KeptRequest {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #layout: RequestLayout = NO_LAYOUT;
  /** What each element became. */
  readonly elements: KnownElement[] = [];

  /** Bytes of memory in use. */
  get capacity(): number {
    return this.#bytes.length;
  }

  get layout(): RequestLayout {
    return this.#layout;
  }

  /** Takes over a request, of which the first `sharedEnd` bytes are here already. */
  replace(bytes: Uint8Array, sharedEnd: number, layout: RequestLayout): void {
    if (this.#bytes.length < bytes.length) {
      // Requests grow by a little each time; half as much again keeps the copying rare.
      const larger = new Uint8Array(Math.ceil(bytes.length * 1.5));
      larger.set(this.#bytes.subarray(0, sharedEnd));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(sharedEnd), sharedEnd);
    this.#length = bytes.length;
    this.#layout = layout;
  }

  /** Notes what the elements became, of which the first `sharedCount` were there before. */
  update(sharedCount: number, { changed, fresh }: ElementChanges): void {
    this.elements.length = sharedCount;
    for (const [index, element] of changed) this.elements[index] = element;
    for (const element of fresh) this.elements.push(element);
  }

  hasSameHead(operations: ByteOperations, bytes: Uint8Array): boolean {
    const { headEnd } = this.#layout;
    return bytes.length >= headEnd && operations.equal(this.#bytes, 0, bytes, 0, headEnd);
  }

  /** How many bytes a request's tail, from its `]` on, has in common with the tail of this one. */
  countSharedTailBytes(operations: ByteOperations, bytes: Uint8Array, listEnd: number): number {
    const start = this.#layout.listEnd;
    const longest = Math.min(this.#length - start, bytes.length - listEnd);
    return commonPrefixLength(longest, (from, to) =>
      operations.equal(this.#bytes, start + from, bytes, listEnd + from, to - from),
    );
  }

  /** How many whole elements a request, whose elements start at `headEnd`, has in common with this one. */
  countSharedElements(operations: ByteOperations, bytes: Uint8Array, headEnd: number): number {
    const { headEnd: start, ends } = this.#layout;
    const last = ends.at(-1);
    if (last === undefined) return 0;
    const longest = Math.min(last - start, bytes.length - headEnd);
    const isSame = (from: number, to: number): boolean =>
      operations.equal(this.#bytes, start + from, bytes, headEnd + from, to - from);
    const shared = commonPrefixLength(longest, isSame);
    return shared === last - start ? ends.length : countUpTo(ends, start + shared);
  }
}

/** How far two ranges agree, by halving. */
function commonPrefixLength(
  longest: number,
  isSame: (from: number, to: number) => boolean,
): number {
  if (isSame(0, longest)) return longest;
  let same = 0;
  let different = longest;
  while (different - same > 1) {
    const middle = (same + different) >> 1;
    if (isSame(same, middle)) same = middle;
    else different = middle;
  }
  return same;
}

/** How many of the sorted numbers are not above `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
