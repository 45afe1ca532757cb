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

/** Environment of a command: the inherited one, the fixed settings, and the thread's id. */
export function commandEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  threadId: string,
): Readonly<Record<string, string>> {
  const set = Object.entries(inherited).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(set), ...FIXED, CODEX_THREAD_ID: threadId };
}
