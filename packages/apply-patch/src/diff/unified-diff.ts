import { groupEdits, type LineEdit, lineEdits } from "./line-edits.ts";

const DEFAULT_CONTEXT_LINES = 3;

/**
 * The changes from one text to another as hunks of a unified diff, without file headers; empty for equal texts. A last line without a
 * line end is followed by the usual `\ No newline at end of file`.
 */
export function unifiedDiff(
  oldText: string,
  newText: string,
  options: {
    /** Unchanged lines shown around a change. Default 3. */
    readonly contextLines?: number;
  } = {},
): string {
  const contextLines = options.contextLines ?? DEFAULT_CONTEXT_LINES;
  const oldLines = endedLines(oldText);
  const newLines = endedLines(newText);
  return groupEdits(lineEdits(oldLines, newLines), contextLines)
    .map((edits) => hunkText(edits, { oldLines, newLines, contextLines }))
    .join("");
}

function hunkText(
  edits: readonly LineEdit[],
  texts: {
    readonly oldLines: readonly string[];
    readonly newLines: readonly string[];
    readonly contextLines: number;
  },
): string {
  const { oldLines, newLines, contextLines } = texts;
  const [first, last] = [edits[0], edits.at(-1)];
  if (first === undefined || last === undefined) return "";
  const before = Math.min(contextLines, first.oldStart);
  const after = Math.min(contextLines, oldLines.length - last.oldEnd);
  const lines: string[] = [];
  let old = first.oldStart - before;
  for (const edit of edits) {
    lines.push(...marked(" ", oldLines.slice(old, edit.oldStart)));
    lines.push(...marked("-", oldLines.slice(edit.oldStart, edit.oldEnd)));
    lines.push(...marked("+", newLines.slice(edit.newStart, edit.newEnd)));
    old = edit.oldEnd;
  }
  lines.push(...marked(" ", oldLines.slice(old, last.oldEnd + after)));
  const oldRange = rangeText(first.oldStart - before, last.oldEnd + after);
  const newRange = rangeText(first.newStart - before, last.newEnd + after);
  return `@@ -${oldRange} +${newRange} @@\n${lines.join("")}`;
}

function marked(mark: string, lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.endsWith("\n") ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`,
  );
}

/** A range of lines; an empty one is named by the line before it, and a count of 1 is left out. */
function rangeText(start: number, end: number): string {
  const count = end - start;
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}

/** The lines of a text with their LF. */
function endedLines(text: string): string[] {
  const lines = text.split("\n").map((line) => `${line}\n`);
  const last = (lines.pop() ?? "").slice(0, -1);
  return last === "" ? lines : [...lines, last];
}
