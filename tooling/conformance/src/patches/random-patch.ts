import { join } from "node:path";
import { Dice } from "../fuzz/dice.ts";
import type { PatchCase, Tree } from "./patch-case.ts";
import { LINES, randomTree } from "./random-files.ts";

/** The case of a seed: a directory and a patch that mostly fits it. */
export function randomCase(seed: number): PatchCase {
  const dice = new Dice(seed);
  const tree = randomTree(dice);
  const folder = `case-${seed}`;
  const used = new Set<string>();
  const hunks = Array.from({ length: 1 + dice.below(3) }, () =>
    randomHunk(dice, { folder, tree, used }),
  );
  const lines = ["*** Begin Patch", ...hunks.flat(), "*** End Patch"];
  const count = dice.oneIn(4) ? 1 + dice.below(2) : 0;
  for (let change = 0; change < count; change += 1) changeLines(dice, lines);
  return { folder, tree, patch: wrap(dice, lines) };
}

interface Place {
  readonly folder: string;
  readonly tree: Tree;
  /** Paths of earlier hunks. */
  readonly used: Set<string>;
}

function randomHunk(dice: Dice, place: Place): string[] {
  const { folder, tree } = place;
  const kind = dice.below(10);
  if (kind < 2)
    return [
      `*** Add File: ${writtenPath(dice, folder, newPath(dice, place))}`,
      ...addedLines(dice),
    ];
  const name = filePath(dice, place);
  const path = writtenPath(dice, folder, name);
  if (kind < 3) return [`*** Delete File: ${path}`];
  const move = dice.oneIn(5)
    ? [`*** Move to: ${writtenPath(dice, folder, newPath(dice, place))}`]
    : [];
  return [`*** Update File: ${path}`, ...move, ...randomChunks(dice, linesOf(tree, name))];
}

/** A path that is mostly free. */
function newPath(dice: Dice, place: Place): string {
  return dice.oneIn(3)
    ? filePath(dice, place)
    : dice.pick(["new", "other", "new/deep/file", "sub/new", "dir/new", "f/under", "dir", "link"]);
}

/** Mostly a file that is there and that no earlier hunk has. */
function filePath(dice: Dice, { tree, used }: Place): string {
  const files = [...tree].filter(([, { type }]) => type === "file").map(([name]) => name);
  const fresh = files.filter((name) => !used.has(name));
  const names = dice.oneIn(12) || fresh.length === 0 ? [...tree.keys(), "nothing"] : fresh;
  const name = dice.pick(names);
  used.add(name);
  return name;
}

function writtenPath(dice: Dice, folder: string, path: string): string {
  if (dice.oneIn(12)) return `{ROOT}/${folder}/${path}`;
  if (dice.oneIn(12)) return `./${folder}/sub/../${path}`;
  return join(folder, path);
}

function addedLines(dice: Dice): string[] {
  return Array.from({ length: dice.below(4) }, () => `+${dice.pick(LINES)}`);
}

/** The lines of a file, whatever ends them; some lines where there is no such file. */
function linesOf(tree: Tree, path: string): string[] {
  const entry = tree.get(path);
  if (entry?.type !== "file") return ["a", "b"];
  const lines = Buffer.from(entry.bytes, "latin1")
    .toString("utf8")
    .split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Chunks for places of the file from top to bottom, each with some lines around its changes. */
function randomChunks(dice: Dice, lines: readonly string[]): string[] {
  const chunks: string[] = [];
  let from = 0;
  do {
    const start = from + dice.below(Math.max(lines.length - from, 0) + 1);
    const end = Math.min(start + dice.below(5), lines.length);
    chunks.push(...chunkHeader(dice, lines, { from, start, isFirst: chunks.length === 0 }));
    const changed = lines.slice(start, end).flatMap((line) => changedLine(dice, line));
    if (changed.length === 0 || dice.oneIn(5)) changed.push(`+${dice.pick(LINES)}`);
    chunks.push(...changed);
    if (dice.oneIn(end === lines.length ? 3 : 25)) chunks.push("*** End of File");
    if (dice.oneIn(10)) chunks.push("");
    from = dice.oneIn(15) ? start : end;
  } while (dice.oneIn(2));
  return chunks;
}

function chunkHeader(
  dice: Dice,
  lines: readonly string[],
  {
    from,
    start,
    isFirst,
  }: { readonly from: number; readonly start: number; readonly isFirst: boolean },
): string[] {
  if (isFirst && dice.oneIn(4)) return [];
  if (!dice.oneIn(4)) return ["@@"];
  const before = lines[from + dice.below(Math.max(start - from, 1))] ?? "b";
  return [`@@ ${dice.oneIn(20) ? "no such line" : almost(dice, before)}`];
}

function changedLine(dice: Dice, line: string): string[] {
  const old = dice.oneIn(6) ? almost(dice, line) : line;
  const kind = dice.below(10);
  if (kind < 5) return [old === "" && dice.oneIn(2) ? "" : ` ${old}`];
  if (kind < 7) return [`-${old}`];
  if (kind < 9) return [`-${old}`, `+${dice.pick(LINES)}`];
  return [`+${dice.pick(LINES)}`, ` ${old}`];
}

/** The line, or one that matching may take for it, or not. */
function almost(dice: Dice, line: string): string {
  switch (dice.below(5)) {
    case 0:
      return line.trim();
    case 1:
      return `${line} `;
    case 2:
      return ` ${line}\t`;
    case 3:
      return line
        .replaceAll(/[\u201c\u201d]/g, '"')
        .replaceAll("\u2013", "-")
        .replaceAll("\u00a0", " ");
    default:
      return dice.oneIn(4) ? dice.pick(LINES) : line;
  }
}

/** Lines that stand in a patch, and some that do not belong there. */
const STRAY_LINES = [
  "",
  "   ",
  "@@",
  "@@ a",
  "@@  a  ",
  "@@a",
  "*** End of File",
  "*** End of File  ",
  "*** End Patch",
  " *** End Patch",
  "\t*** End Patch",
  "*** Begin Patch",
  "*** Environment ID: x",
  "*** Bogus: x",
  "*stray",
  "stray",
  "\tstray",
  "+stray",
  " stray",
  "-stray",
];

function changeLines(dice: Dice, lines: string[]): void {
  const index = dice.below(lines.length);
  const line = lines[index] ?? "";
  switch (dice.below(6)) {
    case 0:
      lines.splice(index, 1);
      break;
    case 1:
      lines.splice(index, 0, line);
      break;
    case 2:
      lines[index] = `${dice.pick([" ", "\t", "  "])}${line}`;
      break;
    case 3:
      lines[index] = `${line}${dice.pick([" ", "\t", "\r", "\r\r", "\u00a0"])}`;
      break;
    default:
      lines.splice(index, 0, dice.pick(STRAY_LINES));
  }
}

function wrap(dice: Dice, lines: readonly string[]): string {
  const ending = dice.oneIn(15) ? "\r\n" : "\n";
  const text = lines.join(ending);
  switch (dice.below(20)) {
    case 0:
      return `<<'EOF'${ending}${text}${ending}EOF`;
    case 1:
      return `<<EOF${ending}${text}${ending}EOF${ending}`;
    case 2:
      return `${ending} ${text} ${ending}${ending}`;
    case 3:
      return `<<"EOF"${ending}${text}${ending} EOF `;
    default:
      return dice.oneIn(2) ? text : `${text}${ending}`;
  }
}
