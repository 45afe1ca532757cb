import { newThreadId } from "@codex-ts/protocol";
import { DEFAULT_COMPATIBILITY } from "../compatibility/compatibility-profile.ts";
import { ThreadError } from "../errors.ts";
import { findSession, findSessionBeginning } from "../session/open-session.ts";
import { forkOf, resumption } from "../session/thread-start.ts";
import { checkAbsolutePath } from "./check-absolute-path.ts";
import { startThread } from "./thread.ts";
import type { CodexThread, ThreadOptions, TurnMark } from "./thread-options.ts";

/** Options of a thread that is kept. */
export type KeptThreadOptions = ThreadOptions & Required<Pick<ThreadOptions, "codexHome">>;

/**
 * Goes on with a thread that this package or Codex (0.140 to 0.171) has kept in `codexHome`: with its id, in its file and
 * that file's generation, with its history, window and token counts. Options are those of now; only the system text is
 * the session's, unless `baseInstructions` replaces it. `ephemeral` goes on without writing.
 *
 * Rejects with `ThreadError`: `session_not_found`, `session_archived`, `session_in_use` while another process writes it,
 * `session_unreadable`, `invalid_option`.
 */
export async function resumeThread(
  threadId: string,
  options: KeptThreadOptions,
): Promise<CodexThread> {
  checkHome(options);
  const isWriter = options.ephemeral !== true;
  const session = findSession(options.codexHome, threadId, { isWriter });
  try {
    return await startThread(options, resumption(session));
  } catch (error) {
    session.lock?.release();
    throw error;
  }
}

/**
 * Starts another thread with the history of one that is kept in `codexHome`: with all of it, or with what stood before a
 * turn. The other one stays as it is, and may be in use. Rejects like {@link resumeThread}, and with `turn_not_found`.
 */
export async function forkThread(
  threadId: string,
  options: KeptThreadOptions,
  end?: TurnMark,
): Promise<CodexThread> {
  checkHome(options);
  const { codexHome } = options;
  const session =
    end === undefined
      ? findSession(codexHome, threadId, { isWriter: false })
      : findSessionBeginning(codexHome, threadId, end.beforeTurnId);
  const { compatibility = DEFAULT_COMPATIBILITY } = options;
  return startThread(options, forkOf(session, newThreadId(), compatibility));
}

/** The type says so already, to programs that have types. */
function checkHome({ codexHome }: KeptThreadOptions): void {
  if (typeof codexHome === "string") return checkAbsolutePath("codexHome", codexHome);
  throw new ThreadError(
    "invalid_option",
    "codexHome is needed: the directory sessions are kept in",
  );
}
