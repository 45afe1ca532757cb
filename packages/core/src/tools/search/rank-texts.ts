/** How much a repeated word counts, and how much the length of a text, in BM25. */
const REPETITION = 1.2;
const LENGTH = 0.75;

/**
 * Indexes of the texts that have words of the query, best first (BM25); equals stay in their order. Words are letters and
 * digits, in either case.
 */
export function rankTexts(query: string, texts: readonly string[]): readonly number[] {
  const words = new Set(wordsOf(query));
  const documents = texts.map(wordsOf);
  const averageLength = documents.reduce((sum, { length }) => sum + length, 0) / texts.length;
  const scores = documents.map(() => 0);
  for (const word of words) {
    const counts = documents.map((document) => document.filter((other) => other === word).length);
    const holders = counts.filter((count) => count > 0).length;
    const weight = Math.log(1 + (texts.length - holders + 0.5) / (holders + 0.5));
    for (const [index, count] of counts.entries()) {
      const length = (documents[index]?.length ?? 0) / averageLength;
      const saturated = count / (count + REPETITION * (1 - LENGTH + LENGTH * length));
      if (count > 0) scores[index] = (scores[index] ?? 0) + weight * (REPETITION + 1) * saturated;
    }
  }
  const score = (index: number): number => scores[index] ?? 0;
  return [...texts.keys()]
    .filter((index) => score(index) > 0)
    .toSorted((left, right) => score(right) - score(left));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
