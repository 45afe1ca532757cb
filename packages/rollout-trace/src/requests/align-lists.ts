/** A run of elements of one kind, in order. */
export interface ListSegment {
  readonly kind: "same" | "added" | "removed" | "changed";
  /** Position of the first one in the earlier list; of added ones, where they were put in. */
  readonly before: number;
  /** Position of the first one in the later list; of removed ones, where they were. */
  readonly after: number;
  readonly count: number;
}

/** With more pairs than this in the part that differs, what is between the common ends counts as replaced as a whole. */
const MAX_PAIRS = 4_000_000;

/**
 * Aligns two lists by their longest common subsequence. A removed element is taken with the added one in its place for
 * one that changed, when `mayBecome` allows it.
 */
export function alignLists<T>(
  before: readonly T[],
  after: readonly T[],
  mayBecome: (before: T, after: T) => boolean,
): readonly ListSegment[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const alignment = new Alignment(before, after, mayBecome);
  alignment.takeSame(head);
  const ends = { before: before.length - tail, after: after.length - tail };
  for (const pair of commonPairs(before, after, { head, ends })) {
    alignment.takeReplaced(pair);
    alignment.takeSame(1);
  }
  alignment.takeReplaced(ends);
  alignment.takeSame(tail);
  return alignment.segments;
}

interface Place {
  readonly before: number;
  readonly after: number;
}

/** Two lists on the way from their beginnings to their ends. */
class Alignment<T> {
  readonly segments: ListSegment[] = [];
  readonly #before: readonly T[];
  readonly #after: readonly T[];
  readonly #mayBecome: (before: T, after: T) => boolean;
  #place: Place = { before: 0, after: 0 };

  constructor(
    before: readonly T[],
    after: readonly T[],
    mayBecome: (before: T, after: T) => boolean,
  ) {
    this.#before = before;
    this.#after = after;
    this.#mayBecome = mayBecome;
  }

  takeSame(count: number): void {
    this.#take("same", count, count, count);
  }

  /** Takes what is in front of a place on both sides, of which nothing is common. */
  takeReplaced(place: Place): void {
    while (this.#place.before < place.before && this.#place.after < place.after) {
      const left = this.#before[this.#place.before] as T;
      const right = this.#after[this.#place.after] as T;
      if (!this.#mayBecome(left, right)) break;
      this.#take("changed", 1, 1, 1);
    }
    const removed = place.before - this.#place.before;
    this.#take("removed", removed, removed, 0);
    const added = place.after - this.#place.after;
    this.#take("added", added, 0, added);
  }

  #take(kind: ListSegment["kind"], count: number, before: number, after: number): void {
    if (count === 0) return;
    const last = this.segments.at(-1);
    if (last?.kind === kind)
      this.segments[this.segments.length - 1] = { ...last, count: last.count + count };
    else this.segments.push({ kind, ...this.#place, count });
    this.#place = { before: this.#place.before + before, after: this.#place.after + after };
  }
}

/** The places of a longest common subsequence between common ends, in order. */
function commonPairs<T>(
  before: readonly T[],
  after: readonly T[],
  { head, ends }: { readonly head: number; readonly ends: Place },
): readonly Place[] {
  const rows = ends.before - head;
  const columns = ends.after - head;
  if (rows === 0 || columns === 0 || rows * columns > MAX_PAIRS) return [];
  // longest[row][column]: of what begins there.
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  const lengthAt = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      longest[row * width + column] =
        before[head + row] === after[head + column]
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
    }
  }
  const pairs: Place[] = [];
  for (let row = 0, column = 0; row < rows && column < columns;) {
    if (before[head + row] === after[head + column]) {
      pairs.push({ before: head + row, after: head + column });
      row += 1;
      column += 1;
    } else if (lengthAt(row + 1, column) >= lengthAt(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}
