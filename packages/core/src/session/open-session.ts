import { existsSync, rmSync, writeFileSync } from "node:fs";
import { ThreadError } from "../errors.ts";
import type { OpenBase } from "./base-segments.ts";
import { readSessionBytes } from "./read-lines.ts";
import { replaySession, replayWithout } from "./replay-session.ts";
import type { ReplayedSession } from "./replay-session.ts";
import { sessionBeginning } from "./session-before.ts";
import type { SessionBeginning } from "./session-before.ts";
import { findBaseFile, findSessionFile } from "./session-directory.ts";
import { acquireWriterLock } from "./writer-lock.ts";
import type { WriterLock } from "./writer-lock.ts";

/** How the name of a file ends that Codex has compressed. */
const COMPRESSED = ".zst";

/** A session that goes on: what it holds, and the right to write it. */
export interface FoundSession {
  readonly path: string;
  readonly replayed: ReplayedSession;
  /** `undefined` when the caller reads only, or when nothing can be written there: `trouble` says why. */
  readonly lock: WriterLock | undefined;
  readonly trouble: unknown;
  /** Present where only its beginning counts. */
  readonly beginning?: SessionBeginning;
}

/**
 * Finds the session of a thread and reads it. With `isWriter` no other process writes it from then on, until the lock is
 * released. Throws `ThreadError`: there is none, it is archived, another process writes it, it cannot be read.
 */
export function findSession(
  codexHome: string,
  threadId: string,
  { isWriter }: { readonly isWriter: boolean },
): FoundSession {
  const path = sessionPath(codexHome, threadId);
  let lock: WriterLock | undefined;
  let trouble: unknown;
  try {
    if (isWriter) lock = acquireWriterLock(codexHome, threadId.toLowerCase());
  } catch (error) {
    if (ThreadError.is(error)) throw error;
    trouble = error;
  }
  try {
    const usable = lock === undefined ? path : decompressed(path);
    const replayed = replaySession(usable, opener(codexHome));
    return { path: usable, replayed, lock, trouble };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/**
 * Finds the session of a thread and reads it up to where a turn began, to be read only. Throws `ThreadError`, `turn_not_found`
 * where there is no such turn.
 */
export function findSessionBeginning(
  codexHome: string,
  threadId: string,
  beforeTurnId: string,
): FoundSession {
  const path = sessionPath(codexHome, threadId);
  const beginning = sessionBeginning(path, { openBase: opener(codexHome), beforeTurnId });
  if (beginning === undefined) {
    throw new ThreadError("turn_not_found", "the thread's session file has no such turn");
  }
  return { path, replayed: beginning.replayed, lock: undefined, trouble: undefined, beginning };
}

/** The session in a file without the newest inputs of the user, and how many there were. Throws `ThreadError`. */
export function sessionWithout(
  path: string,
  codexHome: string,
  inputs: number,
): ReturnType<typeof replayWithout> {
  return replayWithout(path, opener(codexHome), inputs);
}

/** Opens the files that sessions of a home begin in. */
export function opener(codexHome: string): OpenBase {
  return (id) => readSessionBytes(anyPath(codexHome, id));
}

/** The file of a thread that is not archived. */
export function sessionPath(codexHome: string, threadId: string): string {
  const file = findSessionFile(codexHome, threadId);
  if (file === undefined) throw notFound(threadId);
  if (!file.isArchived) return file.path;
  throw new ThreadError(
    "session_archived",
    `session ${file.threadId} is archived: take it out of the archive first`,
  );
}

/** A fork does not lose its beginning when the thread it was made of is archived. */
function anyPath(codexHome: string, fileId: string): string {
  const file = findBaseFile(codexHome, fileId);
  if (file === undefined) throw notFound(fileId);
  return file.path;
}

function notFound(threadId: string): ThreadError {
  return new ThreadError("session_not_found", `no rollout found for thread id ${threadId}`);
}

/** The path of the file without compression, made where there is none: lines are appended to it. */
function decompressed(path: string): string {
  if (!path.endsWith(COMPRESSED)) return path;
  const plain = path.slice(0, -COMPRESSED.length);
  if (!existsSync(plain)) writeFileSync(plain, readSessionBytes(path), { flag: "wx", mode: 0o600 });
  rmSync(path);
  return plain;
}
