import type { PatchCompatibility } from "../patch.ts";
import type { TextLines } from "./text-lines.ts";

/** Lines that take the place of others. */
export interface Replacement {
  readonly start: number;
  readonly oldCount: number;
  /** Without line ends. */
  readonly newLines: readonly string[];
}

/** The lines after all replacements, in the order of the file; those of one place follow each other. */
export function replaceLines(lines: TextLines, replacements: readonly Replacement[]): TextLines {
  const sorted = replacements.toSorted((one, other) => one.start - other.start);
  const ends = sorted.map(({ start, oldCount }) => start + oldCount);
  const isOrdered = sorted.every(({ start }, index) => start >= (ends[index - 1] ?? 0));
  return isOrdered ? inOnePass(lines, sorted) : fromTheEnd(lines, sorted);
}

function inOnePass(lines: TextLines, sorted: readonly Replacement[]): TextLines {
  const { newEnding } = lines;
  const texts: string[] = [];
  const endings: string[] | undefined = lines.endings && [];
  let index = 0;
  const keepUntil = (end: number): void => {
    for (; index < end; index += 1) {
      texts.push(lines.texts[index] ?? "");
      // A line that had no line end may have come to stand before others.
      endings?.push((lines.endings?.[index] ?? "") || newEnding);
    }
  };
  for (const { start, oldCount, newLines } of sorted) {
    keepUntil(start);
    for (const text of newLines) {
      texts.push(text);
      endings?.push(newEnding);
    }
    index = start + oldCount;
  }
  keepUntil(lines.texts.length);
  return { texts, endings, newEnding };
}

/** For replacements that overlap, which only 0.140 allows: the later ones first, each in what the others made of the lines. */
function fromTheEnd(lines: TextLines, sorted: readonly Replacement[]): TextLines {
  let texts = lines.texts;
  for (const { start, oldCount, newLines } of sorted.toReversed()) {
    texts = texts.slice(0, start).concat(newLines, texts.slice(start + oldCount));
  }
  return { texts, endings: undefined, newEnding: lines.newEnding };
}

/**
 * The text of the lines. Every line is ended, also the last one; but an empty last line is taken for a line end by `0.140`, which so loses
 * an empty line.
 */
export function joinLines(
  { texts, endings, newEnding }: TextLines,
  compatibility: PatchCompatibility,
): string {
  if (endings !== undefined)
    return texts.map((text, index) => text + (endings[index] ?? newEnding)).join("");
  const isEnded = texts.length === 0 || (compatibility === "0.140" && texts.at(-1) === "");
  return texts.join(newEnding) + (isEnded ? "" : newEnding);
}
