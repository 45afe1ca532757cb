import { basename, delimiter, join } from "node:path";
import { LAST_RESORT_SHELL } from "./default-shell.ts";
import { isExecutable } from "./is-executable.ts";

/** Shells whose `-c` and `-lc` are known to do what is wanted. */
const KNOWN_SHELLS: ReadonlySet<string> = new Set(["bash", "sh", "zsh"]);

/** Whether it is one of them, by its name; given by its path or name. */
export function isKnownShell(shell: string): boolean {
  return KNOWN_SHELLS.has(basename(shell));
}

/**
 * The shell a model asked for by path or name: the user's own when it is of that name, else the first of that name in
 * `searchPath`. What is no shell, or not there, is `/bin/sh`. Source: 0.171, observed.
 */
export function shellByName(
  given: string,
  userShell: string,
  searchPath: string | undefined,
): string {
  if (!isKnownShell(given)) return LAST_RESORT_SHELL;
  const name = basename(given);
  if (basename(userShell) === name) return userShell;
  const folders = (searchPath ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? LAST_RESORT_SHELL;
}
