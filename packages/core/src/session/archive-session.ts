import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";
import { ThreadError } from "../errors.ts";
import { sessionPath } from "./open-session.ts";
import { archivedPath, findSessionFile, unarchivedPath } from "./session-directory.ts";
import { acquireWriterLock } from "./writer-lock.ts";

/** Options of {@link archiveSession} and {@link unarchiveSession}. */
export interface ArchiveSessionOptions {
  /** Codex's home directory. */
  readonly codexHome: string;
}

/**
 * Puts a session into the archive of Codex's home, where nobody resumes it, and returns where it is then. Rejects with
 * `ThreadError`: `session_not_found`, `session_archived`, `session_in_use`; other errors are those of the file system.
 */
export async function archiveSession(
  threadId: string,
  { codexHome }: ArchiveSessionOptions,
): Promise<string> {
  const path = sessionPath(codexHome, threadId);
  return move(path, archivedPath(codexHome, path), { codexHome, threadId });
}

/** Takes a session out of the archive and returns where it is then. Rejects like {@link archiveSession}. */
export async function unarchiveSession(
  threadId: string,
  { codexHome }: ArchiveSessionOptions,
): Promise<string> {
  const file = findSessionFile(codexHome, threadId);
  if (file?.isArchived !== true) {
    throw new ThreadError("session_not_found", `no archived session of thread ${threadId}`);
  }
  return move(file.path, unarchivedPath(codexHome, file.path), { codexHome, threadId });
}

function move(
  from: string,
  to: string,
  { codexHome, threadId }: { readonly codexHome: string; readonly threadId: string },
): string {
  const lock = acquireWriterLock(codexHome, threadId.toLowerCase());
  try {
    makeDirectory(dirname(to));
    renameSync(from, to);
    return to;
  } finally {
    lock.release();
  }
}
