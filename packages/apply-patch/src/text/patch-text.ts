import type { Chunk, ChunkLine, PatchCompatibility } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import { LineFinder } from "./find-lines.ts";
import { joinLines, type Replacement, replaceLines } from "./replace-lines.ts";
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
        throw new PatchError("no_match", `Failed to find context '${chunk.context}' in ${path}`, {
          path,
        });
      }
      cursor = found + 1;
    }
    const oldLines = chunk.lines.filter(({ type }) => type !== "added").map((line) => line.text);
    if (oldLines.length === 0) {
      const start = additionPlace(texts, compatibility);
      const newLines = chunk.lines.map(({ text }) => text);
      replacements.push({ start, oldCount: 0, newLines });
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
    replacements.push(
      ...replacementsOf(placedLines(chunk, oldLines.length, place), place, compatibility),
    );
    cursor = place.start + place.oldCount;
  }
  return replacements;
}

/** Where the old lines of a chunk stand. */
type Place = Pick<Replacement, "start" | "oldCount">;

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
): Place | undefined {
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

/** The lines of a chunk that count where it was found. */
function placedLines(chunk: Chunk, oldCount: number, place: Place): ChunkLine[] {
  const lines = [...chunk.lines];
  if (place.oldCount === oldCount) return lines;
  // The block was found without its empty last line, which so is not there; an empty line that was to end it is left out as well.
  const last = lines.findLastIndex(({ type }) => type !== "added");
  if (lines[last]?.type === "context") lines[last] = { type: "added", text: "" };
  else lines.splice(last, 1);
  const lastNew = lines.findLastIndex(({ type }) => type !== "removed");
  if (lines[lastNew]?.text === "") lines.splice(lastNew, 1);
  return lines;
}

/** One replacement for each run of changes: lines of context stay as the file has them. `0.140` replaces them, too. */
function replacementsOf(
  lines: readonly ChunkLine[],
  place: Place,
  compatibility: PatchCompatibility,
): Replacement[] {
  if (compatibility === "0.140") {
    const newLines = lines.filter(({ type }) => type !== "removed").map(({ text }) => text);
    return [{ ...place, newLines }];
  }
  const replacements: { start: number; oldCount: number; newLines: string[] }[] = [];
  let position = place.start;
  let isInRun = false;
  for (const { type, text } of lines) {
    if (type !== "context" && !isInRun)
      replacements.push({ start: position, oldCount: 0, newLines: [] });
    isInRun = type !== "context";
    const run = replacements.at(-1);
    if (type === "added") run?.newLines.push(text);
    else position += 1;
    if (type === "removed" && run !== undefined) run.oldCount += 1;
  }
  return replacements;
}
