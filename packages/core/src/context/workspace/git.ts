import { execFile } from "node:child_process";

const GIT_TIMEOUT_MS = 5000;
const MAX_GIT_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Directory git is asked about, and how. */
export interface GitOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborting kills git. */
  readonly signal: AbortSignal;
}

/** The output of a git command that only reads; `undefined` when it fails, takes too long or cannot be run. */
export function git(
  root: string,
  args: readonly string[],
  { env, signal }: Pick<GitOptions, "env" | "signal">,
): Promise<string | undefined> {
  return new Promise<string | undefined>((resolve) => {
    execFile(
      "git",
      // A repository may name programs to run on such questions; reading its state must not run them.
      ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...args],
      {
        cwd: root,
        env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" },
        signal,
        timeout: GIT_TIMEOUT_MS,
        maxBuffer: MAX_GIT_OUTPUT_BYTES,
      },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
    // What cannot even be started, an environment with odd values for one, says nothing either.
  }).catch(() => undefined);
}
