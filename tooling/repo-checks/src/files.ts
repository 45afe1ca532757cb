import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A text file of the repository. */
export interface TextFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED: ReadonlySet<string> = new Set([
  ".git",
  ".turbo",
  "coverage",
  "dist",
  "fixtures",
  "node_modules",
]);

/** Files below a directory of the repository whose names end in `suffix`, without those that tools make. */
export function textFiles(root: string, directory: string, suffix: string): TextFile[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === "." ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : textFiles(root, path, suffix);
    if (!entry.isFile() || !entry.name.endsWith(suffix)) return [];
    return [{ path, text: readFileSync(join(root, path), "utf8") }];
  });
}

/** The number of the line, from 1, that an offset of a text is in. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
