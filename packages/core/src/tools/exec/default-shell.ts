import { accessSync, constants } from "node:fs";

/** Best first; the last one is on every POSIX system. */
const SHELLS = ["/bin/bash", "/bin/sh"] as const;

/** The shell of commands when none is given: the first that can be run, else the last, which then says what is wrong. */
export function defaultShell(shells: readonly string[] = SHELLS): string {
  return shells.find(isExecutable) ?? shells.at(-1) ?? "/bin/sh";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
