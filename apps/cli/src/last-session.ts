import { listSessions } from "@codex-ts/core";
import { CommandError } from "./errors.ts";

/**
 * Id of the session that was used last, of those that began in `cwd` or of all. Codex starts a new session without a word
 * where there is none; nobody who asks for the last one wants that: then this rejects.
 */
export async function lastThreadId({
  codexHome,
  cwd,
  isAnyDirectory,
}: {
  readonly codexHome: string;
  readonly cwd: string;
  readonly isAnyDirectory: boolean;
}): Promise<string> {
  const [last] = await listSessions({ codexHome, limit: 1, ...(!isAnyDirectory && { cwd }) });
  if (last !== undefined) return last.threadId;
  throw new CommandError(
    isAnyDirectory
      ? `there is no session to resume in ${codexHome}`
      : `no session began in ${cwd}: --all takes the last one of any directory`,
  );
}
