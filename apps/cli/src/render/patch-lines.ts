import type { FileChanges } from "@codex-ts/protocol";
import { stripControl, stripToOneLine } from "./strip-control.ts";
import type { Style } from "./style.ts";

type FileChange = FileChanges[string];

/** More is read in the file. */
const MAX_LINES = 200;

/** A patch as a diff of each file, for people. */
export function patchLines(changes: FileChanges, style: Style): string[] {
  return Object.entries(changes).flatMap(([path, change]) => {
    const target = change.type === "update" && change.move_path ? ` -> ${change.move_path}` : "";
    const head = style("cyan", stripToOneLine(`${change.type} ${path}${target}`));
    return [head, ...clipped(diffOf(change)).map((line) => paintDiffLine(line, style))];
  });
}

function diffOf(change: FileChange): readonly string[] {
  if (change.type === "update") return linesOf(change.unified_diff);
  const sign = change.type === "add" ? "+" : "-";
  return linesOf(change.content).map((line) => `${sign}${line}`);
}

function linesOf(text: string): string[] {
  return stripControl(text) === "" ? [] : stripControl(text).replace(/\n$/, "").split("\n");
}

function clipped(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`];
}

/** One line of a diff in its color. */
export function paintDiffLine(line: string, style: Style): string {
  if (line.startsWith("+")) return style("green", line);
  if (line.startsWith("-")) return style("red", line);
  return style(line.startsWith("@@") ? "cyan" : "dim", line);
}
