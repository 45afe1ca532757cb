import { execFileSync } from "node:child_process";

/** Runs a program and returns what it prints to stdout. Throws with its stderr when it fails. */
export function run(command: string, commandArguments: readonly string[], cwd: string): string {
  return execFileSync(command, commandArguments, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Runs a program whose output the user follows. */
export function runVisibly(
  command: string,
  commandArguments: readonly string[],
  cwd: string,
): void {
  execFileSync(command, commandArguments, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}
