import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Where a patch may write. */
export interface AllowedPaths {
  /** Absolute directories; files outside of them are refused. Default: no limit. */
  readonly roots?: readonly string[] | undefined;
  /** Names of files and directories, such as `.git`, that stay as they are, at any depth under a root. Default: none. */
  readonly protectedNames?: readonly string[] | undefined;
}

/** Most links Linux follows in one path. */
const MAX_LINKS = 40;

/** Whether a path, taken as it is written, may be written. */
export function isAllowed(path: string, { roots, protectedNames = [] }: AllowedPaths): boolean {
  if (roots === undefined) return true;
  return roots.some((root) => {
    const inside = relative(root, path);
    if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      return false;
    return !inside.split(sep).some((part) => protectedNames.includes(part));
  });
}

/** The place a path leads to, all links followed. Rejects where that may not be written. */
export async function allowedPlace(path: string, allowed: AllowedPaths): Promise<string> {
  return await checked(await realPlace(path), path, allowed);
}

/** Where the file or link at a path is: the links of its directories followed, it itself not. Rejects as `allowedPlace` does. */
export async function allowedEntry(path: string, allowed: AllowedPaths): Promise<string> {
  return await checked(await entryPlace(path), path, allowed);
}

/** `allowedEntry` of any path. */
export async function entryPlace(path: string): Promise<string> {
  return join(await realPlace(dirname(path)), basename(path));
}

async function checked(place: string, path: string, allowed: AllowedPaths): Promise<string> {
  const roots = allowed.roots && (await Promise.all(allowed.roots.map((root) => realPlace(root))));
  if (isAllowed(place, { ...allowed, roots })) return place;
  throw new Error(`${path} leads out of the directories that may be written`);
}

/** The path without links. Parts that do not exist are kept; the target of a dangling link counts. Rejects for a loop of links. */
async function realPlace(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || links > MAX_LINKS) throw error;
  }
  const parent = dirname(path);
  if (parent === path) return path;
  const place = join(await realPlace(parent, links), basename(path));
  const target = await readlinkIfLink(place);
  return target === undefined ? place : await realPlace(resolve(dirname(place), target), links + 1);
}

async function readlinkIfLink(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch {
    return undefined;
  }
}
