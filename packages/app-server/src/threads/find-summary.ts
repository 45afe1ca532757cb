import { listSessions } from "@codex-ts/core";
import type { SessionSummary } from "@codex-ts/core";
import type { ClientSession } from "./session.ts";

/** The entry of a list for one session, which may be in the archive. */
export async function findSummary(
  session: ClientSession,
  threadId: string,
): Promise<SessionSummary | undefined> {
  const id = threadId.toLowerCase();
  for (const archived of [false, true]) {
    const summaries = await listSessions({ codexHome: session.options.codexHome, archived });
    const found = summaries.find((summary) => summary.threadId === id);
    if (found !== undefined) return found;
  }
  return undefined;
}
