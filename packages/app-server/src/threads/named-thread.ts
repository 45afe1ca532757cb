import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { invalidRequest } from "../connection/rpc-error.ts";
import { findSummary } from "./find-summary.ts";
import type { ClientSession } from "./session.ts";

const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i;
const WHOLE_ID = new RegExp(`^${ID.source}$`, "i");

/** The members of a request that say which thread it means. */
interface NamedThread {
  readonly threadId: string;
  /** Of its session file; wins over the id. Empty: none. */
  readonly path?: string | undefined;
}

/**
 * The id of the thread that a request means. Only the sessions of the home are read, each in its place: a path to a copy
 * elsewhere is refused. Throws `RpcError`.
 */
export async function namedThread(
  session: ClientSession,
  { threadId, path = "" }: NamedThread,
): Promise<string> {
  if (path === "") {
    if (WHOLE_ID.test(threadId)) return threadId;
    throw invalidRequest(`invalid session id: ${threadId.slice(0, 200)}`);
  }
  const wanted = resolve(session.options.codexHome, path);
  if (!existsSync(wanted)) {
    throw invalidRequest(`failed to resolve rollout path \`${wanted}\`: file does not exist`);
  }
  const id = ID.exec(basename(wanted))?.[0];
  const found = id === undefined ? undefined : await fileOf(session, id);
  if (id === undefined || found === undefined || resolve(found) !== wanted) {
    throw invalidRequest(
      `\`${wanted}\` is not a session file of this home; name the thread by its id`,
    );
  }
  return id.toLowerCase();
}

async function fileOf(session: ClientSession, threadId: string): Promise<string | undefined> {
  // A thread that has just begun is in no list.
  const { sessionPath } = session.find(threadId)?.thread ?? {};
  return sessionPath ?? (await findSummary(session, threadId))?.path;
}

/** Throws `RpcError` for a path that is not that of a thread which runs under that id. */
export function requireCurrentPath(
  session: ClientSession,
  { threadId, path = "" }: NamedThread,
): void {
  const active = path === "" ? undefined : session.find(threadId)?.thread.sessionPath;
  if (active === undefined || resolve(session.options.codexHome, path) === active) return;
  throw invalidRequest(
    `cannot resume running thread ${threadId} with stale path: requested \`${path}\`, active \`${active}\``,
  );
}
