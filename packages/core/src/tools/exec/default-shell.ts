import { isExecutable } from "./is-executable.ts";

/** On every POSIX system. */
export const LAST_RESORT_SHELL = "/bin/sh";
/** Best first. */
const SHELLS = ["/bin/bash", LAST_RESORT_SHELL] as const;

/** The shell of commands when none is given: the first that can be run, else the last, which then says what is wrong. */
export function defaultShell(shells: readonly string[] = SHELLS): string {
  return shells.find(isExecutable) ?? shells.at(-1) ?? LAST_RESORT_SHELL;
}
