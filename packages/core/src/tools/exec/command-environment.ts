import type { CommandSettings } from "./start-command.ts";

/**
 * Settings that keep programs from paging, coloring and guessing an encoding. Source: docs/behavior/core-tools.md 2.1.
 */
const FIXED: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  TERM: "dumb",
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  LC_CTYPE: "C.UTF-8",
  COLORTERM: "",
  PAGER: "cat",
  GIT_PAGER: "cat",
  GH_PAGER: "cat",
  CODEX_CI: "1",
};

/**
 * Variable that holds the markers of the commands a process comes from, innermost last: a command can be a client like
 * this one, whose commands are its own as well as ours. It holds random text, no secret.
 */
const OWNER_VARIABLE = "CODEX_TS_OWNER";

/**
 * Environment of a command: the inherited one, the fixed settings, the ids of the thread and, in 0.171, of more, and the
 * mark of its owner.
 */
export function commandEnvironment(
  settings: Omit<CommandSettings, "sessions">,
  {
    callId,
    marker,
    hasFixedSettings,
  }: { readonly callId: string; readonly marker: string; readonly hasFixedSettings: boolean },
): Readonly<Record<string, string>> {
  const { env, threadId, sessionId = threadId, clientVersion = "0.0.0", commands } = settings;
  const set = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(set),
    ...(hasFixedSettings && { ...FIXED, ...commands.environment }),
    CODEX_THREAD_ID: threadId,
    ...(commands.knowsItsCall && {
      CODEX_SESSION_ID: sessionId,
      CODEX_TOOL_CALL_ID: callId,
      CODEX_VERSION: clientVersion,
    }),
    ...ownedBy(marker, env),
  };
}

/** The variable with the marker of a process, and those of the commands that `env` comes from. */
export function ownedBy(
  marker: string,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const outer = env[OWNER_VARIABLE];
  return { [OWNER_VARIABLE]: outer === undefined ? marker : `${outer} ${marker}` };
}
