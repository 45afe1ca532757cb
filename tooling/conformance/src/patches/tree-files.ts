import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Entry, Tree } from "./patch-case.ts";

/** Makes a directory with the entries of a tree. */
export function writeTree(folder: string, tree: Tree): void {
  mkdirSync(folder);
  for (const [name, entry] of tree) {
    const path = join(folder, name);
    if (entry.type === "directory") mkdirSync(path);
    else if (entry.type === "link") symlinkSync(entry.target, path);
    else {
      writeFileSync(path, Buffer.from(entry.bytes, "latin1"));
      chmodSync(path, entry.mode);
    }
  }
}

/** The entries of a directory and of those in it. Links are not followed. */
export function readTree(folder: string): Tree {
  return new Map(entriesIn(folder, ""));
}

function entriesIn(folder: string, parent: string): [string, Entry][] {
  return readdirSync(join(folder, parent)).flatMap((base) => {
    const name = join(parent, base);
    const entry = readEntry(join(folder, name));
    return [[name, entry], ...(entry.type === "directory" ? entriesIn(folder, name) : [])];
  });
}

function readEntry(path: string): Entry {
  const stats = lstatSync(path);
  if (stats.isDirectory()) return { type: "directory" };
  if (stats.isSymbolicLink()) return { type: "link", target: readlinkSync(path) };
  return { type: "file", bytes: readFileSync(path, "latin1"), mode: stats.mode & 0o7777 };
}

/** A tree as text that is equal for equal trees. */
export function treeText(tree: Tree): string {
  return [...tree]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, entry]) => `${name}: ${JSON.stringify(entry)}`)
    .join("\n");
}
