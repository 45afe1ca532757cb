import { diffLines } from "diff/lib/diff/line.js";
import { diffWordsWithSpace } from "diff/lib/diff/word.js";

/** A stretch of two texts that both have, or one of them. */
export interface TextChange {
  readonly added: boolean;
  readonly removed: boolean;
  readonly value: string;
}

const MAX_CHARACTERS = 1_000_000;
/** So much of what changed can be put into the page at once. */
const MAX_CHANGED = 200_000;
const TIMEOUT_MS = 300;
/** Longer texts are compared line by line. */
const MAX_WORDS = 8000;

/** The changes from one text to the other; `undefined` where they explain nothing: each is read better as a whole. */
export function textChanges(before: string, after: string): readonly TextChange[] | undefined {
  const length = before.length + after.length;
  if (length > MAX_CHARACTERS) return undefined;
  const options = { timeout: TIMEOUT_MS };
  const changes =
    length < MAX_WORDS
      ? diffWordsWithSpace(before, after, options)
      : diffLines(before, after, options);
  if (changes === undefined || !isAlike(changes)) return undefined;
  const changed = changes.reduce(
    (sum, { added, removed, value }) => sum + (added || removed ? value.length : 0),
    0,
  );
  return changed > MAX_CHANGED ? undefined : changes;
}

// Measured with 500 edited lines of Markdown and 1,500 pairs of lines that have nothing to do with each other: of the
// first 98 % pass, of the second 0.2 %. Words in common alone tell little: any two sentences have some.
const SHARED = 0.4;
const SHARED_IN_RUNS = 0.25;
const RUN_WORDS = 3;

/**
 * Whether two texts are forms of one: of their letters two fifths are in both, or of the shorter one a quarter stands in
 * unbroken runs of three words in the other, however much was added to it.
 */
function isAlike(changes: readonly TextChange[]): boolean {
  let [old, now, shared, inRuns] = [0, 0, 0, 0];
  for (const { added, removed, value } of changes) {
    const words = value.match(/[\p{L}\p{N}]+/gu) ?? [];
    const letters = words.reduce((sum, word) => sum + word.length, 0);
    if (!added) old += letters;
    if (!removed) now += letters;
    if (added || removed) continue;
    shared += letters;
    if (words.length >= RUN_WORDS) inRuns += letters;
  }
  return 2 * shared >= SHARED * (old + now) || inRuns >= SHARED_IN_RUNS * Math.min(old, now);
}
