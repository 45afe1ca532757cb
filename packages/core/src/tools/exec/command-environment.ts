/** Settings that keep programs from paging, colouring and guessing an encoding. Source: core-tools spec 2.1. */
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

/** Environment of a command: the inherited one, the fixed settings, the thread's id, and the mark of its owner. */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  threadId: string,
  marker: string,
): Readonly<Record<string, string>> {
  const set = Object.entries(inherited).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const outer = inherited[OWNER_VARIABLE];
  return {
    ...Object.fromEntries(set),
    ...FIXED,
    CODEX_THREAD_ID: threadId,
    [OWNER_VARIABLE]: outer === undefined ? marker : `${outer} ${marker}`,
  };
}
