import { UsageError } from "./errors.ts";
import { COLOR_MODES, CYBER_ACCESS_PROGRAMS, type ColorMode } from "./exec-choices.ts";
import { oneOf } from "./one-of.ts";
import {
  type CheckedThreadFlags,
  type ThreadCommandOptions,
  readThreadFlags,
} from "./thread-flags.ts";

/** Options of `exec` as they stand on the command line. */
export interface ExecOptions extends ThreadCommandOptions {
  readonly json?: boolean;
  readonly experimentalJson?: boolean;
  readonly outputSchema?: string;
  readonly outputLastMessage?: string;
  readonly skipGitRepoCheck?: boolean;
  readonly threadSource?: string;
  readonly cyberAccessProgram?: string;
  readonly color?: string;
}

/** Options of `exec`, checked. */
export interface ExecFlags extends CheckedThreadFlags {
  readonly isJson: boolean;
  /** File of `--output-schema`. */
  readonly outputSchema?: string | undefined;
  /** File of `-o`. */
  readonly outputLastMessage?: string | undefined;
  readonly skipGitRepoCheck: boolean;
  readonly cyberAccessProgram?: string | undefined;
  readonly color: ColorMode;
}

/** Checks what can be checked before any file is read. Throws `UsageError`; `CommandError` for an unknown feature. */
export function readExecFlags(
  options: ExecOptions,
  env: Readonly<Record<string, string | undefined>>,
): ExecFlags {
  if (options.json === true && options.experimentalJson === true) {
    throw new UsageError("--json and --experimental-json are one option, give it once");
  }
  const { outputSchema, outputLastMessage, threadSource } = options;
  return {
    ...readThreadFlags(options, env),
    isJson: options.json === true || options.experimentalJson === true,
    outputSchema,
    outputLastMessage,
    threadSource,
    skipGitRepoCheck: options.skipGitRepoCheck === true,
    cyberAccessProgram: oneOf(
      "--cyber-access-program",
      options.cyberAccessProgram,
      CYBER_ACCESS_PROGRAMS,
    ),
    color: oneOf("--color", options.color, COLOR_MODES) ?? "auto",
  };
}
