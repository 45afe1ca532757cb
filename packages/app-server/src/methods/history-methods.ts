import {
  ThreadError,
  archiveSession,
  listSessions,
  readSession,
  readSessionNames,
  setSessionName,
  unarchiveSession,
} from "@codex-ts/core";
import type { SessionContent, SessionSummary } from "@codex-ts/core";
import { invalidRequest, noRollout, toRefusal } from "../connection/rpc-error.ts";
import { sessionTurns } from "../history/session-turns.ts";
import type { KeptTurn } from "../history/session-turns.ts";
import { showTurn } from "../history/show-turns.ts";
import type { MethodParams } from "../params/method-params.ts";
import type { OpenThread } from "../threads/open-thread.ts";
import type { ClientSession } from "../threads/session.ts";
import { newer } from "../wire/generation.ts";
import { findSummary } from "../threads/find-summary.ts";
import { isFresh, requireTurns } from "../threads/fresh-thread.ts";
import { showKept, showThread, sourceKind } from "../threads/show-thread.ts";
import type { Methods } from "./method.ts";
import { invalidCursor, pageAfter } from "./page.ts";
import { showTurnPage } from "./turn-page.ts";

/** Methods about threads that are kept, whether they run or not. */
export function historyMethods(session: ClientSession): Methods {
  const home = { codexHome: session.options.codexHome };
  return {
    "thread/list": (params) => listThreads(session, params),
    "thread/read": async ({ threadId, includeTurns }) => {
      const open = session.find(threadId);
      if (includeTurns === true) requireKept(open, "ephemeral threads do not support includeTurns");
      const content = await contentOf(session, threadId, open);
      if (includeTurns === true) {
        requireTurns(session, { open, content }, "thread/read");
        session.warnOfFullHistory("read");
      }
      const turnsUntilNow = keptTurns(session, content, open);
      const turns = includeTurns === true ? turnsUntilNow.map(full(session)) : [];
      if (open !== undefined) {
        const thread = showThread(session, open, turns);
        return { thread, ...readStateOf(session, open, { content, turns: turnsUntilNow }) };
      }
      return { thread: await showSession(session, threadId, turns) };
    },
    "thread/turns/list": async (params) => {
      const open = session.find(params.threadId);
      requireKept(open, "ephemeral threads do not support thread/turns/list");
      const content = await contentOf(session, params.threadId, open);
      requireTurns(session, { open, content }, "thread/turns/list");
      return showTurnPage(session.generation, keptTurns(session, content, open), params);
    },
    "thread/name/set": async ({ threadId, name }, call) => {
      const threadName = name.trim();
      if (threadName === "") throw invalidRequest("thread name must not be empty");
      const open = session.find(threadId);
      requireKept(open, `ephemeral thread does not support metadata updates: ${threadId}`);
      await contentOf(session, threadId, open);
      if (open === undefined) await requireUnarchived(session, threadId);
      open?.thread.keep();
      await setSessionName(threadId, threadName, home);
      if (open !== undefined) open.name = threadName;
      call.reply({});
      session.notify({ method: "thread/name/updated", params: { threadId, threadName } });
      return undefined;
    },
    "thread/archive": async ({ threadId }, call) => {
      const open = session.find(threadId);
      if (open !== undefined) {
        // 0.140 archives no thread that has had no turn.
        if (session.generation !== "0.140") open.thread.keep();
        // One that has no file cannot be archived, and goes on.
        if ((await contentOf(session, threadId, open)) === undefined) throw noRollout(threadId);
        await session.closeThread(open);
        session.announceStatus(threadId, "notLoaded");
      }
      if (open === undefined) await requireUnarchived(session, threadId);
      await kept(() => archiveSession(threadId, home));
      call.reply({});
      session.notify({ method: "thread/archived", params: { threadId } });
      return undefined;
    },
    "thread/unarchive": async ({ threadId }, call) => {
      await kept(() => unarchiveSession(threadId, home));
      call.reply({ thread: await showSession(session, threadId, []) });
      session.notify({ method: "thread/unarchived", params: { threadId } });
      return undefined;
    },
  };
}

/** Which turn of a thread that runs nobody has read. */
function readStateOf(
  { generation }: ClientSession,
  open: OpenThread,
  history: { readonly content: SessionContent | undefined; readonly turns: readonly KeptTurn[] },
): object {
  const { readState } = open;
  if (generation === "0.140") return {};
  if (readState !== undefined) return { readState };
  if (isFresh({ open, content: history.content })) return { readState: null };
  // Of the turns of other processes nobody knows.
  if (history.turns.length > 0 || !open.isPersistent) return {};
  return { readState: { firstUnread: null, revision: `initial:${open.threadId}` } };
}

/** Rejects with `RpcError` for a thread in the archive, which is not there for what changes one. */
async function requireUnarchived(session: ClientSession, threadId: string): Promise<void> {
  const summaries = await listSessions({ codexHome: session.options.codexHome, archived: true });
  const id = threadId.toLowerCase();
  if (summaries.some((summary) => summary.threadId === id)) throw noRollout(threadId);
}

/** Throws `RpcError` for a thread that nothing is kept of. */
function requireKept(open: OpenThread | undefined, message: string): void {
  if (open?.isPersistent === false) throw invalidRequest(message);
}

/** Content of the file of a thread; `undefined` when it runs and has no file yet. Rejects with `RpcError`. */
export async function contentOf(
  session: ClientSession,
  threadId: string,
  open: OpenThread | undefined,
): Promise<SessionContent | undefined> {
  try {
    return await readSession(threadId, { codexHome: session.options.codexHome });
  } catch (error) {
    if (!ThreadError.is(error)) throw error;
    if (error.code !== "session_not_found") throw invalidRequest(error.message);
    if (open !== undefined) return undefined;
    throw invalidRequest(`thread not loaded: ${threadId}`);
  }
}

/** Turns of a thread, the running one among them. */
export function keptTurns(
  session: ClientSession,
  content: SessionContent | undefined,
  open: OpenThread | undefined,
): readonly KeptTurn[] {
  const turns = content === undefined ? [] : sessionTurns(content, session.generation);
  return turns.map((turn) =>
    turn.id === open?.runningTurnId ? { ...turn, status: "inProgress" } : turn,
  );
}

/** Shows a turn with all of its items. */
export function full(session: ClientSession): (turn: KeptTurn) => object {
  return (turn) => showTurn(session.generation, turn, "full");
}

async function listThreads(
  session: ClientSession,
  params: MethodParams["thread/list"],
): Promise<object> {
  const { archived = false, cwd, modelProviders, searchTerm, sortDirection = "desc" } = params;
  const home = { codexHome: session.options.codexHome };
  const names = await readSessionNames(home);
  const directories = cwd === undefined ? undefined : [cwd].flat();
  const kinds = params.sourceKinds?.length ? params.sourceKinds : INTERACTIVE;
  const isByUpdate = params.sortKey === "updated_at" || params.sortKey === "recency_at";
  const time = (summary: SessionSummary): number =>
    isByUpdate ? summary.updatedAtMs : summary.createdAtMs;
  const summaries = (await listSessions({ ...home, archived }))
    .filter(
      (summary) =>
        kinds.includes(sourceKind(summary)) &&
        hasBeenUsed(session, summary) &&
        (directories === undefined || directories.includes(summary.cwd)) &&
        (!modelProviders?.length || modelProviders.includes(summary.modelProvider ?? "")) &&
        isNamed(searchTerm, summary, names),
    )
    .toSorted(
      (one, other) =>
        (sortDirection === "asc" ? 1 : -1) *
        (time(one) - time(other) || (one.threadId < other.threadId ? -1 : 1)),
    );
  const isAfter = afterCursor(params.cursor, sortDirection, time);
  const cursorOf = (last: SessionSummary): string => `${isoOf(time(last))}|${last.threadId}`;
  const { data, nextCursor } = pageAfter(summaries, { isAfter, cursorOf, limit: params.limit });
  const [first] = data;
  const shown = data.map((summary) => {
    const open = session.find(summary.threadId);
    const name = names.get(summary.threadId) ?? null;
    const thread =
      open === undefined ? showKept(session, summary, name) : showListed(session, open);
    // A list of 0.140 does not say which thread another one began with.
    return session.generation === "0.140" ? { ...thread, forkedFromId: null } : thread;
  });
  return {
    data: shown,
    ...session.readStates(data.map(({ threadId }) => threadId)),
    nextCursor,
    backwardsCursor: first === undefined ? null : isoOf(time(first)),
  };
}

/**
 * Which threads come behind a cursor: the time of one, and its id where others may have the same time. Throws `RpcError` for
 * what is none.
 */
function afterCursor(
  cursor: string | undefined,
  direction: "asc" | "desc",
  time: (summary: SessionSummary) => number,
): (summary: SessionSummary) => boolean {
  if (cursor === undefined) return () => true;
  const [, iso = "", id] = /^([^|]+)(?:\|(.+))?$/.exec(cursor) ?? [];
  const at = Date.parse(iso);
  if (Number.isNaN(at)) throw invalidCursor(cursor);
  return (summary) => {
    const distance = time(summary) - at;
    if (distance !== 0) return direction === "asc" ? distance > 0 : distance < 0;
    if (id === undefined) return false;
    return direction === "asc" ? summary.threadId > id : summary.threadId < id;
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** A list leaves out threads nobody has said anything in, blanks apart; that of today's Codex has forks and archived ones all the same. */
function hasBeenUsed({ generation }: ClientSession, summary: SessionSummary): boolean {
  if (!summary.isSilent) return true;
  return generation !== "0.140" && (summary.isArchived || summary.forkedFromThreadId !== undefined);
}

/** Kinds of programs a person sits at. */
const INTERACTIVE: readonly string[] = ["cli", "vscode"];

function isNamed(
  term: string | undefined,
  { threadId, firstMessage = "" }: SessionSummary,
  names: ReadonlyMap<string, string>,
): boolean {
  if (term === undefined) return true;
  const text = `${names.get(threadId) ?? ""}\n${firstMessage}`.toLowerCase();
  return text.includes(term.toLowerCase());
}

/** A list does not say whether a thread takes inputs. */
function showListed(session: ClientSession, open: OpenThread): object {
  const hidden = newer(session.generation, { canAcceptDirectInput: null });
  return { ...showThread(session, open), ...hidden };
}

/** A thread that does not run. */
async function showSession(
  session: ClientSession,
  threadId: string,
  turns: readonly object[],
): Promise<object> {
  const home = { codexHome: session.options.codexHome };
  const summary = await findSummary(session, threadId);
  if (summary === undefined) throw invalidRequest(`thread not loaded: ${threadId}`);
  const names = await readSessionNames(home);
  return showKept(session, summary, names.get(summary.threadId) ?? null, turns);
}

/** Rejects with `RpcError` for an error of a session. */
async function kept<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toRefusal(error);
  }
}
