/** From here on there are scripts and pictures that take two columns. To count some others twice, too, does no harm. */
const WIDE_FROM = 0x1100;

/** The most columns of a terminal that a text without control characters takes. */
export function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + columnsOfOne(character), 0);
}

/** As much of the end of a text as takes no more columns. */
export function endWithin(text: string, columns: number): string {
  const characters = Array.from(text);
  let left = columns;
  let from = characters.length;
  for (; from > 0; from -= 1) {
    left -= columnsOfOne(characters[from - 1] ?? "");
    if (left < 0) break;
  }
  return characters.slice(from).join("");
}

function columnsOfOne(character: string): number {
  return (character.codePointAt(0) ?? 0) >= WIDE_FROM ? 2 : 1;
}
