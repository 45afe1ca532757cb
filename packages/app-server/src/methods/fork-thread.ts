import { invalidRequest } from "../connection/rpc-error.ts";
import { lastUsage, usageBefore } from "../history/session-turns.ts";
import type { KeptTurn } from "../history/session-turns.ts";
import type { MethodParams } from "../params/method-params.ts";
import { keptClientTools } from "../threads/client-tools.ts";
import { isFresh } from "../threads/fresh-thread.ts";
import { findSummary } from "../threads/find-summary.ts";
import { namedThread } from "../threads/named-thread.ts";
import type { ClientSession } from "../threads/session.ts";
import { showOpened, showThread } from "../threads/show-thread.ts";
import { openThread } from "../threads/start-thread.ts";
import { contentOf, full, keptTurns } from "./history-methods.ts";
import { announceUsage, knownFacts, required, threadRequest } from "./kept-thread.ts";
import type { Call } from "./method.ts";

/** Begins another thread with the history of one, or with the beginning of it. */
export async function fork(
  session: ClientSession,
  params: MethodParams["thread/fork"],
  call: Call,
): Promise<undefined> {
  const { ephemeral, threadSource, excludeTurns } = params;
  requireCombinable(session, params);
  const threadId = await namedThread(session, params);
  const source = session.find(threadId);
  const content = await contentOf(session, threadId, source);
  const isOfFresh = session.generation !== "0.140" && isFresh({ open: source, content });
  if (!isOfFresh) required(content, threadId);
  if (excludeTurns !== true) session.warnOfFullHistory("open");
  const all = keptTurns(session, content, source);
  const turns = all.slice(0, endOfFork(session, all, params));
  const [next] = all.slice(turns.length);
  const summary = await findSummary(session, threadId);
  const { preview, name } = await knownFacts(session, threadId, summary);
  const cwd = params.cwd ?? source?.settings.cwd ?? required(summary, threadId).cwd;
  const open = await openThread(
    session,
    {
      ...threadRequest(params),
      cwd,
      ephemeral,
      threadSource,
      dynamicTools: isOfFresh ? source?.request.dynamicTools : keptClientTools(session, content),
    },
    isOfFresh
      ? { type: "fork_fresh", threadId }
      : { type: "fork", threadId, end: next && { beforeTurnId: next.id } },
    { preview: turns.length === 0 ? "" : preview, name, forkedFromId: threadId },
  );
  const usage = next === undefined ? content && lastUsage(content) : usageBefore(content, next.id);
  open.thread.keep();
  call.reply(showOpened(session, open, excludeTurns === true ? [] : turns.map(full(session))));
  open.announce();
  if (excludeTurns !== true) announceUsage(session, open.threadId, { usage, turns });
  session.notify({ method: "thread/started", params: { thread: showThread(session, open) } });
  return undefined;
}

/** 0.140 knows none of these. */
function requireCombinable(
  { generation }: ClientSession,
  { beforeTurnId, lastTurnId, ephemeral, excludeTurns }: MethodParams["thread/fork"],
): void {
  if (generation === "0.140") return;
  if (beforeTurnId !== undefined && lastTurnId !== undefined) {
    throw invalidRequest("`beforeTurnId` cannot be combined with `lastTurnId`");
  }
  if (ephemeral === true && excludeTurns !== true) {
    throw invalidRequest("an ephemeral thread/fork requires `excludeTurns: true`");
  }
}

/** How many turns a fork takes over; 0.140 takes all. Throws `RpcError`. */
function endOfFork(
  { generation }: ClientSession,
  turns: readonly KeptTurn[],
  { beforeTurnId, lastTurnId }: MethodParams["thread/fork"],
): number {
  const turnId = lastTurnId ?? beforeTurnId;
  if (generation === "0.140" || turnId === undefined) return turns.length;
  const at = turns.findIndex(({ id }) => id === turnId);
  if (at === -1) throw invalidRequest(`turn not found: ${turnId.slice(0, 200)}`);
  if (lastTurnId === undefined) return at;
  if (turns[at]?.status === "inProgress") {
    throw invalidRequest(`lastTurnId '${lastTurnId}' identifies an in-progress turn`);
  }
  return at + 1;
}
