/** The candidates that look like `word`, best first, at most three: a typo or a beginning. */
export function nearestWords(word: string, candidates: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(word.length / 2));
  return candidates
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/**
 * The key that `word` was meant to be, misspelt by a letter or two or written in another style (`baseUrl`); `undefined` when
 * none is that near.
 */
export function misspeltKey(word: string, keys: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, "");
  const meant = plain(word);
  const limit = meant.length < 6 ? 1 : 2;
  return keys
    .map((key) => ({ key, known: plain(key) }))
    .filter(({ known }) => Math.abs(known.length - meant.length) <= limit)
    .map(({ key, known }) => ({ key, distance: editDistance(meant, known) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)[0]?.key;
}

function distanceOf(word: string, candidate: string): number {
  if (word.length >= 2 && candidate.startsWith(word)) return 0;
  return editDistance(word, candidate);
}

/** Insertions, deletions and replacements that turn one word into the other; two swapped letters count as one. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let j = 1; j <= b.length; j++) rows[0]?.push(j);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, at(i - 2, j - 2) + 1);
      rows[i]?.push(best);
    }
  }
  return at(a.length, b.length);
}
