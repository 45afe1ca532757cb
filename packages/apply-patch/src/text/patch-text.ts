import type { Chunk, PatchCompatibility } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import { LineFinder } from "./find-lines.ts";
import { joinLines, type NewLine, type Replacement, replaceLines } from "./replace-lines.ts";
import { splitLines, type TextLines } from "./text-lines.ts";

/**
 * The text after the chunks of an update were applied to it. Throws a `PatchError` with code `no_match` where a chunk does not fit.
 * The result always ends with a line end, unless it is empty.
 */
export function patchText(
  text: string,
  chunks: readonly Chunk[],
  options: {
    /** Names the text in errors. */
    readonly path: string;
    /** Default `0.171`. */
    readonly compatibility?: PatchCompatibility;
  },
): string {
  const compatibility = options.compatibility ?? "0.171";
  const lines = splitLines(text, compatibility);
  const replacements = placeChunks(lines, chunks, { path: options.path, compatibility });
  return joinLines(replaceLines(lines, replacements), compatibility);
}

/** Finds the place of each chunk, from top to bottom. */
function placeChunks(
  { texts }: TextLines,
  chunks: readonly Chunk[],
  { path, compatibility }: { readonly path: string; readonly compatibility: PatchCompatibility },
): Replacement[] {
  const finder = new LineFinder(texts);
  const replacements: Replacement[] = [];
  let cursor = 0;
  for (const chunk of chunks) {
    if (chunk.context !== undefined) {
      const found = finder.find([chunk.context], cursor);
      if (found === undefined) {
        throw new PatchError(
          "no_match",
          `Failed to find context '${chunk.context}' in ${path}`,
          { path },
        );
      }
      cursor = found + 1;
    }
    const oldLines = chunk.lines.filter(({ type }) => type !== "added").map((line) => line.text);
    if (oldLines.length === 0) {
      replacements.push({
        start: additionPlace(texts, compatibility),
        oldCount: 0,
        newLines: newLinesOf(chunk, 0, compatibility),
      });
      continue;
    }
    const place = placeOf(finder, oldLines, {
      cursor,
      count: texts.length,
      isEndOfFile: chunk.isEndOfFile,
      compatibility,
    });
    if (place === undefined) {
      throw new PatchError(
        "no_match",
        `Failed to find expected lines in ${path}:\n${oldLines.join("\n")}`,
        { path },
      );
    }
    const newLines = newLinesOf(chunk, place.oldCount, compatibility);
    // The block was found without its empty last line; the one that was to follow it is left out as well.
    if (place.oldCount < oldLines.length && newLines.at(-1)?.text === "") newLines.pop();
    replacements.push({ ...place, newLines });
    cursor = place.start + place.oldCount;
  }
  return replacements;
}

/** Where lines go that have nothing to stand beside: to the end; in `0.140` before an empty last line. */
function additionPlace(texts: readonly string[], compatibility: PatchCompatibility): number {
  return compatibility === "0.140" && texts.at(-1) === "" ? texts.length - 1 : texts.length;
}

function placeOf(
  finder: LineFinder,
  oldLines: readonly string[],
  options: {
    readonly cursor: number;
    readonly count: number;
    readonly isEndOfFile: boolean;
    readonly compatibility: PatchCompatibility;
  },
): { readonly start: number; readonly oldCount: number } | undefined {
  const { cursor, count, isEndOfFile, compatibility } = options;
  // A block that ends with an empty line may mean the line end of the last line.
  const blocks = oldLines.at(-1) === "" ? [oldLines, oldLines.slice(0, -1)] : [oldLines];
  for (const block of blocks) {
    const last = Math.max(count - block.length, 0);
    const fromEnd = compatibility === "0.140" ? last : Math.max(last, cursor);
    const isAtEnd = isEndOfFile && block.length > 0 && block.length <= count;
    const start = finder.find(block, isAtEnd ? fromEnd : cursor);
    if (start !== undefined) return { start, oldCount: block.length };
  }
  return undefined;
}

/** The lines that take the place of the old ones. `0.171` keeps lines of context as the file has them. */
function newLinesOf(chunk: Chunk, oldCount: number, compatibility: PatchCompatibility): NewLine[] {
  const newLines: NewLine[] = [];
  let old = 0;
  for (const { type, text } of chunk.lines) {
    const isKept = type === "context" && compatibility !== "0.140" && old < oldCount;
    if (type !== "removed") newLines.push(isKept ? { kept: old, text } : { text });
    if (type !== "added") old += 1;
  }
  return newLines;
}
