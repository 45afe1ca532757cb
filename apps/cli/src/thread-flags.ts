import { parseOverride } from "./config-overrides.ts";
import { SANDBOX_MODES } from "./config-schema.ts";
import { LOCAL_PROVIDERS } from "./exec-choices.ts";
import { featureOverrides } from "./feature-flags.ts";
import { given } from "./given.ts";
import type { GlobalOptions } from "./global-options.ts";
import { oneOf } from "./one-of.ts";
import { profileFile } from "./profile.ts";
import type { ThreadFlags } from "./thread-settings.ts";
import { type TraceFlags, readRecording } from "./trace-flags.ts";

/** Options about a thread as they stand on the command line. */
export interface ThreadCommandOptions extends GlobalOptions, TraceFlags {
  readonly cd?: string;
  readonly model?: string;
  readonly image?: readonly string[];
  readonly sandbox?: string;
  readonly addDir?: readonly string[];
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean;
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly oss?: boolean;
  readonly localProvider?: string;
  readonly ignoreRules?: boolean;
  readonly ephemeral?: boolean;
}

/** Options about a thread, checked. */
export interface CheckedThreadFlags extends ThreadFlags {
  /** Files of `-i`, as given. */
  readonly images: readonly string[];
}

/** Checks what can be checked before any file is read. Throws `UsageError`; `CommandError` for an unknown feature. */
export function readThreadFlags(
  options: ThreadCommandOptions,
  env: Readonly<Record<string, string | undefined>>,
): CheckedThreadFlags {
  for (const text of options.config) parseOverride(text);
  if (options.profile !== undefined) profileFile("", options.profile);
  const { sandbox, localProvider, oss, image, ...rest } = options;
  const provider = oneOf("--local-provider", localProvider, LOCAL_PROVIDERS);
  return {
    ...rest,
    images: image ?? [],
    sandbox: oneOf("--sandbox", sandbox, SANDBOX_MODES),
    recording: readRecording(options, env),
    overrides: featureOverrides(options),
    local: oss === true ? given({ provider }) : undefined,
  };
}
