import { parseOverride } from "./config-overrides.ts";
import { SANDBOX_MODES } from "./config-schema.ts";
import { UsageError } from "./errors.ts";
import {
  COLOR_MODES,
  CYBER_ACCESS_PROGRAMS,
  type ColorMode,
  LOCAL_PROVIDERS,
} from "./exec-choices.ts";
import { featureOverrides } from "./feature-flags.ts";
import { given } from "./given.ts";
import type { GlobalOptions } from "./global-options.ts";
import { profileFile } from "./profile.ts";
import type { ThreadFlags } from "./thread-settings.ts";
import { type TraceFlags, readRecording } from "./trace-flags.ts";

/** Options of `exec` as they stand on the command line. */
export interface ExecOptions extends GlobalOptions, TraceFlags {
  readonly json?: boolean;
  readonly experimentalJson?: boolean;
  readonly cd?: string;
  readonly model?: string;
  readonly image?: readonly string[];
  readonly outputSchema?: string;
  readonly outputLastMessage?: string;
  readonly skipGitRepoCheck?: boolean;
  readonly sandbox?: string;
  readonly addDir?: readonly string[];
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean;
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly oss?: boolean;
  readonly localProvider?: string;
  readonly threadSource?: string;
  readonly cyberAccessProgram?: string;
  readonly color?: string;
  readonly ignoreRules?: boolean;
  readonly ephemeral?: boolean;
}

/** Options of `exec`, checked. */
export interface ExecFlags extends ThreadFlags {
  readonly isJson: boolean;
  /** Files of `-i`, as given. */
  readonly images: readonly string[];
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
  for (const text of options.config) parseOverride(text);
  if (options.profile !== undefined) profileFile("", options.profile);
  const { sandbox, localProvider, oss, ...rest } = options;
  const provider = oneOf("--local-provider", localProvider, LOCAL_PROVIDERS);
  return {
    ...rest,
    isJson: options.json === true || options.experimentalJson === true,
    images: options.image ?? [],
    skipGitRepoCheck: options.skipGitRepoCheck === true,
    sandbox: oneOf("--sandbox", sandbox, SANDBOX_MODES),
    recording: readRecording(options, env),
    overrides: featureOverrides(options),
    local: oss === true ? given({ provider }) : undefined,
    cyberAccessProgram: oneOf(
      "--cyber-access-program",
      options.cyberAccessProgram,
      CYBER_ACCESS_PROGRAMS,
    ),
    color: oneOf("--color", options.color, COLOR_MODES) ?? "auto",
  };
}

function oneOf<Choice extends string>(
  option: string,
  text: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  const choice = choices.find((known) => known === text);
  if (text === undefined || choice !== undefined) return choice;
  throw new UsageError(`${option} ${text}: expected ${choices.join(", ")}`);
}
