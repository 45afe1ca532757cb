import type { SessionContent } from "@codex-ts/core";
import { invalidRequest, unknownMethod } from "../connection/rpc-error.ts";
import { lastUsage } from "../history/session-turns.ts";
import type { MethodParams } from "../params/method-params.ts";
import type { OpenThread } from "../threads/open-thread.ts";
import type { ClientSession } from "../threads/session.ts";
import { newer } from "../wire/generation.ts";
import { showMode, showOpened, showThread } from "../threads/show-thread.ts";
import { settingsAsWishes, withKeptSettings } from "../threads/kept-settings.ts";
import { keptClientTools, requireOneForm } from "../threads/client-tools.ts";
import { requireResumable } from "../threads/fresh-thread.ts";
import { findSummary } from "../threads/find-summary.ts";
import { namedThread, requireCurrentPath } from "../threads/named-thread.ts";
import { openThread } from "../threads/start-thread.ts";
import { announceUsage, knownFacts, required, threadRequest } from "./kept-thread.ts";
import { fork } from "./fork-thread.ts";
import { contentOf, full, keptTurns } from "./history-methods.ts";
import type { Call, Methods } from "./method.ts";
import { invalidCursor, pageAfter } from "./page.ts";
import { showTurnPage, turnCursor } from "./turn-page.ts";

/** Methods that begin a thread, go on with one, or end one. */
export function threadMethods(session: ClientSession): Methods {
  return {
    "thread/start": async (params, call) => {
      const { ephemeral, threadSource, dynamicTools } = params;
      requireOneForm(session, dynamicTools);
      const request = { ...threadRequest(params), ephemeral, threadSource, dynamicTools };
      const open = await openThread(session, request, { type: "start" });
      call.reply(showOpened(session, open));
      open.announce();
      session.notify({ method: "thread/started", params: { thread: showThread(session, open) } });
      return undefined;
    },
    "thread/resume": (params, call) => resume(session, params, call),
    "thread/fork": (params, call) => fork(session, params, call),
    "thread/rollback": (params) => rollBack(session, params),
    "thread/revert": (params, call) => revert(session, params, call),
    "thread/loaded/list": ({ cursor = "", limit }) => {
      if (cursor !== "" && !isThreadId(cursor)) throw invalidCursor(cursor);
      const ids = [...session.threads].map(({ threadId }) => threadId).toSorted();
      return pageAfter(ids, { isAfter: (id) => id > cursor, cursorOf: (id) => id, limit });
    },
    "thread/unsubscribe": ({ threadId }) => {
      const open = session.find(threadId);
      if (open === undefined) return { status: "notLoaded" };
      if (!open.isSubscribed) return { status: "notSubscribed" };
      open.isSubscribed = false;
      return { status: "unsubscribed" };
    },
  };
}

function isThreadId(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
}

async function resume(
  session: ClientSession,
  params: MethodParams["thread/resume"],
  call: Call,
): Promise<undefined> {
  const { excludeTurns, initialTurnsPage, history } = params;
  if (history !== undefined) throw invalidRequest("`history` is not supported; name a kept thread");
  requireCurrentPath(session, params);
  const threadId = await namedThread(session, params);
  const running = session.find(threadId);
  const { open, content } =
    running === undefined
      ? await openKept(session, { ...params, threadId })
      : { open: running, content: await contentOf(session, threadId, running) };
  if (excludeTurns !== true) session.warnOfFullHistory("open");
  requireResumable(session, { open, content });
  open.isSubscribed = true;
  if (running === undefined) session.announceStatus(threadId, "idle");
  const turns = keptTurns(session, content, open);
  call.reply({
    ...showOpened(session, open, excludeTurns === true ? [] : turns.map(full(session))),
    initialTurnsPage:
      initialTurnsPage === undefined
        ? null
        : showTurnPage(session.generation, turns, initialTurnsPage),
    ...newer(session.generation, {
      collaborationMode: showMode(open),
      turnsBackwardsCursor: turnCursor(turns.at(-1)),
    }),
  });
  open.announce();
  if (excludeTurns !== true)
    announceUsage(session, threadId, { usage: content && lastUsage(content), turns });
  return undefined;
}

/** Opens a thread that does not run. It goes on where it was, and nothing is written before its next turn. */
async function openKept(
  session: ClientSession,
  params: MethodParams["thread/resume"],
): Promise<{ readonly open: OpenThread; readonly content: SessionContent | undefined }> {
  const { threadId } = params;
  const summary = required(await findSummary(session, threadId), threadId);
  const content = await contentOf(session, threadId, undefined);
  const wishes = withKeptSettings(params, content, session.generation);
  const open = await openThread(
    session,
    {
      ...threadRequest(wishes),
      cwd: wishes.cwd ?? summary.cwd,
      dynamicTools: keptClientTools(session, content),
    },
    { type: "resume", threadId },
    await knownFacts(session, threadId, summary),
  );
  return { open, content };
}

/** 0.140's way to take turns back: the thread goes on in its file. */
async function rollBack(
  session: ClientSession,
  { threadId, numTurns }: MethodParams["thread/rollback"],
): Promise<object> {
  if (session.generation === "0.171") throw unknownMethod("thread/rollback");
  const open = session.get(threadId);
  if (open.runningTurnId !== undefined) {
    throw invalidRequest("cannot roll back while a turn is running; interrupt it first");
  }
  open.thread.rollBack(numTurns);
  const turns = keptTurns(session, await contentOf(session, threadId, open), open);
  return { thread: showThread(session, open, turns.map(full(session))) };
}

/** Today's way: the thread begins anew with what stood before a turn. */
async function revert(
  session: ClientSession,
  { threadId, beforeTurnId }: MethodParams["thread/revert"],
  call: Call,
): Promise<undefined> {
  if (session.generation === "0.140") throw unknownMethod("thread/revert");
  const open = session.get(threadId);
  if (open.runningTurnId !== undefined) {
    throw invalidRequest("cannot revert while a turn is running; interrupt it first");
  }
  const content = await contentOf(session, threadId, open);
  if (content !== undefined && content.meta["history_mode"] !== "paginated") {
    throw invalidRequest("thread/revert only supports paginated threads");
  }
  const turns = keptTurns(session, content, open);
  const at = turns.findIndex(({ id }) => id === beforeTurnId);
  if (at === -1) throw invalidRequest(`turn not found: ${beforeTurnId}`);
  const request = { ...open.request, ...settingsAsWishes(open.settings, open.request.config) };
  // The thread that is left has nothing more to say.
  open.isSubscribed = false;
  open.thread.rollBack({ beforeTurnId });
  await session.closeThread(open);
  session.announceStatus(threadId, "notLoaded");
  const known = await knownFacts(session, threadId, await findSummary(session, threadId));
  const again = await openThread(session, request, { type: "resume", threadId }, known);
  session.announceStatus(threadId, "idle");
  call.reply({
    thread: showThread(session, again),
    turnsBackwardsCursor: turnCursor(turns.at(at - 1)),
    // There are no pages of items.
    itemsBackwardsCursor: null,
  });
  again.announce();
  session.notify({ method: "thread/reverted", params: { threadId } });
  return undefined;
}
