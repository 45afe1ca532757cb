import { trim, trimEnd } from "./white-space.ts";

/** Typographic characters and what stands for them on a keyboard. */
const TYPOGRAPHIC: readonly (readonly [characters: RegExp, plain: string])[] = [
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u2018-\u201b]/g, "'"],
  [/[\u201c-\u201f]/g, '"'],
  [/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, " "],
];

/** Ways to look at a line, each more forgiving than the one before. */
const LOOKS: readonly ((line: string) => string)[] = [
  (line) => line,
  trimEnd,
  trim,
  (line) =>
    TYPOGRAPHIC.reduce(
      (text, [characters, plain]) => text.replaceAll(characters, plain),
      trim(line),
    ),
];

/** Finds blocks of lines in one list of lines. */
export class LineFinder {
  readonly #lines: readonly string[];
  /** The lines in each look, made when first needed. */
  readonly #looks: (readonly string[] | undefined)[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#looks = [lines];
  }

  /**
   * The first position from `start` on where the block stands, in the strictest look in which it stands anywhere; `undefined` for
   * none. An empty block stands at `start`.
   */
  find(block: readonly string[], start: number): number | undefined {
    if (block.length === 0) return start;
    if (block.length > this.#lines.length - start) return undefined;
    for (const [index, look] of LOOKS.entries()) {
      const lines = (this.#looks[index] ??= this.#lines.map(look));
      const found = findBlock(lines, block.map(look), start);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Knuth, Morris and Pratt: linear in both lengths, also for files and blocks of equal lines. */
function findBlock(
  lines: readonly string[],
  block: readonly string[],
  start: number,
): number | undefined {
  const borders = bordersOf(block);
  let matched = 0;
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index];
    while (matched > 0 && block[matched] !== line) matched = borders[matched - 1] ?? 0;
    if (block[matched] === line) matched += 1;
    if (matched === block.length) return index - matched + 1;
  }
  return undefined;
}

/** For each prefix of the block the length of its longest proper prefix that is also its end. */
function bordersOf(block: readonly string[]): number[] {
  const borders = [0];
  for (let index = 1, length = 0; index < block.length; index += 1) {
    while (length > 0 && block[length] !== block[index]) length = borders[length - 1] ?? 0;
    if (block[length] === block[index]) length += 1;
    borders.push(length);
  }
  return borders;
}
