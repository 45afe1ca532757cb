import { accessSync, constants } from "node:fs";
import { basename, delimiter, join } from "node:path";

/** Shells whose `-c` and `-lc` are known to do what is wanted. */
const KNOWN_SHELLS: ReadonlySet<string> = new Set(["bash", "sh", "zsh"]);
/** On every POSIX system. */
const LAST_RESORT = "/bin/sh";

/**
 * The shell a model asked for by path or name: the user's own when it is of that name, else the first of that name in
 * `searchPath`. What is no shell, or not there, is `/bin/sh`. Source: 0.171, observed.
 */
export function shellByName(
  given: string,
  userShell: string,
  searchPath: string | undefined,
): string {
  const name = basename(given);
  if (!KNOWN_SHELLS.has(name)) return LAST_RESORT;
  if (basename(userShell) === name) return userShell;
  const folders = (searchPath ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? LAST_RESORT;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
