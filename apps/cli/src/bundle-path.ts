import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { EVENT_LOG_FILE, MANIFEST_FILE } from "@codex-ts/rollout-trace";
import { type CliProcess, Interruption } from "./cli-process.ts";
import { CommandError, describeError } from "./errors.ts";

/** Absolute path of the bundle an argument names. Throws when nothing of a bundle is there. */
export function bundlePath(argument: string, { cwd, commandName }: CliProcess): string {
  const path = resolve(cwd, argument);
  if ([MANIFEST_FILE, EVENT_LOG_FILE].some((file) => existsSync(join(path, file)))) return path;
  const problem = existsSync(path)
    ? `it has neither ${MANIFEST_FILE} nor ${EVENT_LOG_FILE}`
    : "it does not exist";
  throw new CommandError(
    `${path} is no trace bundle, ${problem}: find bundles with ${commandName} trace list DIR`,
  );
}

/** The error of reading `bundle`, as one line that names the bundle; an interruption comes back as it is. */
export function bundleProblem(bundle: string, error: unknown): unknown {
  if (error instanceof Interruption) return error;
  const problem = describeError(error, false);
  const line = problem.includes(bundle) ? problem : `${bundle} cannot be reduced: ${problem}`;
  return new CommandError(line, { cause: error });
}
