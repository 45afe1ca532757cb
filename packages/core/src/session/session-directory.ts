import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { localDate, localTime } from "../context/local-time.ts";

/** Directories of Codex's home that hold sessions. */
const SESSIONS = "sessions";
const ARCHIVED_SESSIONS = "archived_sessions";

/**
 * `rollout-<local time>-<thread id>.jsonl`; later versions compress files that have not been used for long. A thread of which
 * 0.171 has taken turns back goes on in `rollout-<local time>-<thread id>_<id of the file>.jsonl`.
 */
const SESSION_FILE =
  /^rollout-(\d{4})-(\d{2})-(\d{2})T\d{2}-\d{2}-\d{2}-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?\.jsonl(?:\.zst)?$/;

/** A session file by its name. */
export interface SessionFile {
  readonly path: string;
  readonly threadId: string;
  /** By which files that begin in this one name it: the id of the thread, in its first file. */
  readonly fileId: string;
  readonly isArchived: boolean;
}

/**
 * Path of a session that starts now: `sessions/YYYY/MM/DD/rollout-YYYY-MM-DDTHH-MM-SS-<thread id>.jsonl`, times in local
 * time. Observed in 0.140 and 0.171.
 */
export function newSessionPath(codexHome: string, threadId: string, nowMs: number): string {
  const date = localDate(nowMs);
  const time = localTime(nowMs).replaceAll(":", "-");
  return join(codexHome, SESSIONS, ...date.split("-"), `rollout-${date}T${time}-${threadId}.jsonl`);
}

/** Where an archived session goes: all of them into one directory, under their names. */
export function archivedPath(codexHome: string, path: string): string {
  return join(codexHome, ARCHIVED_SESSIONS, basename(path));
}

/** Where an archived session came from. */
export function unarchivedPath(codexHome: string, path: string): string {
  const [, year = "", month = "", day = ""] = SESSION_FILE.exec(basename(path)) ?? [];
  return join(codexHome, SESSIONS, year, month, day, basename(path));
}

/** The newest file of one thread; one that is in use wins over one in the archive. */
export function findSessionFile(codexHome: string, threadId: string): SessionFile | undefined {
  const id = threadId.toLowerCase();
  return findFile(codexHome, (file) => file.threadId === id);
}

/** The file that another one begins in. */
export function findBaseFile(codexHome: string, fileId: string): SessionFile | undefined {
  return findFile(codexHome, (file) => file.fileId === fileId);
}

function findFile(
  codexHome: string,
  isWanted: (file: SessionFile) => boolean,
): SessionFile | undefined {
  for (const isArchived of [false, true]) {
    for (const file of sessionFiles(codexHome, isArchived)) {
      if (isWanted(file)) return file;
    }
  }
  return undefined;
}

/** The id of a file by its path; `undefined` for a name that no session file has. */
export function fileIdOf(path: string): string | undefined {
  const match = SESSION_FILE.exec(basename(path));
  return match?.[5] ?? match?.[4];
}

/** The session files of a home, those begun last first. A home that cannot be read has none. */
export function* sessionFiles(codexHome: string, isArchived: boolean): Generator<SessionFile> {
  if (isArchived) {
    yield* filesIn(join(codexHome, ARCHIVED_SESSIONS), true);
    return;
  }
  const root = join(codexHome, SESSIONS);
  for (const year of namesIn(root)) {
    for (const month of namesIn(join(root, year))) {
      for (const day of namesIn(join(root, year, month))) {
        yield* filesIn(join(root, year, month, day), false);
      }
    }
  }
}

function* filesIn(directory: string, isArchived: boolean): Generator<SessionFile> {
  for (const name of namesIn(directory)) {
    const [, , , , threadId, fileId = threadId] = SESSION_FILE.exec(name) ?? [];
    if (threadId === undefined || fileId === undefined) continue;
    yield { path: join(directory, name), threadId, fileId, isArchived };
  }
}

/** Names that begin with a time are in the order of their times. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted().toReversed();
  } catch {
    return [];
  }
}
