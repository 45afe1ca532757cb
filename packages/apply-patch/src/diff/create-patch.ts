import type { ChunkLine } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import {
  ADD_FILE,
  BEGIN_PATCH,
  CONTEXT,
  DELETE_FILE,
  END_PATCH,
  MOVE_TO,
  UPDATE_FILE,
} from "../parse/markers.ts";
import { parsePatch } from "../parse/parse-patch.ts";
import { LineFinder } from "../text/find-lines.ts";
import { patchText } from "../text/patch-text.ts";
import { splitLines } from "../text/text-lines.ts";
import { trimEnd } from "../text/white-space.ts";
import { groupEdits, type LineEdit, lineEdits } from "./line-edits.ts";

/** One file before and after. */
export interface FileVersions {
  readonly path: string;
  /** `undefined`: the file is new. */
  readonly before: string | undefined;
  /** `undefined`: the file is gone. */
  readonly after: string | undefined;
  /** Where the file is afterwards, if elsewhere. */
  readonly movePath?: string | undefined;
}

/** Unchanged lines around a change, as many as are usual in a diff. */
const CONTEXT_LINES = 3;

const MARKS: Readonly<Record<ChunkLine["type"], string>> = {
  context: " ",
  added: "+",
  removed: "-",
};

/**
 * Writes the patch that makes each `before` its `after` when it is applied by the rules of 0.171; files that are the same are left out.
 *
 * The format cannot express everything: a file ends with a line end after it, new lines are ended as the first line of the file is, and
 * new files have LF. Throws a `PatchError` with code `not_expressible` for such an `after`, for an empty file that only moves, and for a path
 * with a line break or white space at its end.
 */
export function createPatch(files: readonly FileVersions[]): string {
  const hunks = files.flatMap((file) => hunkLines(file));
  return `${[BEGIN_PATCH, ...hunks, END_PATCH].join("\n")}\n`;
}

function hunkLines(file: FileVersions): string[] {
  const { path, before, after, movePath } = file;
  for (const each of [path, movePath ?? "x"]) checkPath(each);
  if (after === undefined) return before === undefined ? [] : [`${DELETE_FILE}${path}`];
  if (before === undefined) return checked(file, addLines(path, after));
  if (before === after && movePath === undefined) return [];
  const move = movePath === undefined ? [] : [`${MOVE_TO}${movePath}`];
  return checked(file, [`${UPDATE_FILE}${path}`, ...move, ...updateLines(before, after)]);
}

function addLines(path: string, content: string): string[] {
  const lines = content.split("\n");
  if (lines.pop() !== "") throw notExpressible(path, "its last line has no line end");
  return [`${ADD_FILE}${path}`, ...lines.map((line) => `+${line}`)];
}

function updateLines(before: string, after: string): string[] {
  const [oldLines, newLines] = [before, after].map((text) => splitLines(text, "0.171").texts);
  if (oldLines === undefined || newLines === undefined) return [];
  const edits = lineEdits(oldLines, newLines);
  // A file that only moves needs a chunk that changes nothing.
  if (edits.length === 0) return [CONTEXT, ...oldLines.slice(0, 1).map((line) => ` ${line}`)];
  const finder = new LineFinder(oldLines);
  let cursor = 0;
  return groupEdits(edits, CONTEXT_LINES).flatMap((group) => {
    const chunk = placedChunk(group, { oldLines, newLines, finder, cursor });
    cursor = chunk.end;
    return [CONTEXT, ...chunk.lines.map(({ type, text }) => MARKS[type] + text)];
  });
}

interface Texts {
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  readonly finder: LineFinder;
  /** Where the last chunk ended: nothing before it is looked at. */
  readonly cursor: number;
}

/** A chunk that is found where it belongs: with more lines before it where the usual ones stand elsewhere first. */
function placedChunk(
  edits: readonly LineEdit[],
  texts: Texts,
): { lines: ChunkLine[]; end: number } {
  const { oldLines, finder, cursor } = texts;
  const [first, last] = [edits[0], edits.at(-1)];
  if (first === undefined || last === undefined) return { lines: [], end: cursor };
  const end = Math.min(last.oldEnd + CONTEXT_LINES, oldLines.length);
  let start = Math.max(first.oldStart - CONTEXT_LINES, cursor);
  while (start > cursor && finder.find(oldLines.slice(start, end), cursor) !== start) {
    start = Math.max(start - Math.max(end - start, 1), cursor);
  }
  return { lines: chunkLines(edits, { start, end }, texts), end };
}

function chunkLines(
  edits: readonly LineEdit[],
  { start, end }: { readonly start: number; readonly end: number },
  { oldLines, newLines }: Texts,
): ChunkLine[] {
  const lines: ChunkLine[] = [];
  const push = (type: ChunkLine["type"], texts: readonly string[]): void => {
    for (const text of texts) lines.push({ type, text });
  };
  let old = start;
  for (const edit of edits) {
    push("context", oldLines.slice(old, edit.oldStart));
    push("removed", oldLines.slice(edit.oldStart, edit.oldEnd));
    push("added", newLines.slice(edit.newStart, edit.newEnd));
    old = edit.oldEnd;
  }
  push("context", oldLines.slice(old, end));
  return lines;
}

/** The lines of a hunk, after they were applied and gave what they are to give. */
function checked({ path, before, after }: FileVersions, lines: string[]): string[] {
  let result: string | undefined;
  try {
    const [hunk] = parsePatch([BEGIN_PATCH, ...lines, END_PATCH].join("\n")).hunks;
    if (hunk?.type === "add") result = hunk.content;
    if (hunk?.type === "update") result = patchText(before ?? "", hunk.chunks, { path });
  } catch (error) {
    throw notExpressible(path, "the patch format has no form for this change", error);
  }
  if (result !== after) throw notExpressible(path, "the patch format cannot keep its line ends");
  return lines;
}

function checkPath(path: string): void {
  if (path === "" || trimEnd(path) !== path || /[\r\n]/.test(path))
    throw notExpressible(JSON.stringify(path), "a patch cannot name this path");
}

function notExpressible(path: string, reason: string, cause?: unknown): PatchError {
  return new PatchError("not_expressible", `create a patch for ${path}: ${reason}`, {
    path,
    cause,
  });
}
