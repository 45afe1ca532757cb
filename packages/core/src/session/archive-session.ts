import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";
import { ThreadError } from "../errors.ts";
import { sessionPath } from "./open-session.ts";
import {
  archivedPath,
  findSessionFile,
  sessionFiles,
  unarchivedPath,
} from "./session-directory.ts";
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
  move(codexHome, threadId, { isArchived: false, target: archivedPath });
  return archivedPath(codexHome, path);
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
  move(codexHome, threadId, { isArchived: true, target: unarchivedPath });
  return unarchivedPath(codexHome, file.path);
}

/** All files of a thread. While its newest one is among those that are in use, the thread is that one. */
function move(
  codexHome: string,
  threadId: string,
  {
    isArchived,
    target,
  }: { readonly isArchived: boolean; readonly target: (home: string, path: string) => string },
): void {
  const id = threadId.toLowerCase();
  const lock = acquireWriterLock(codexHome, id);
  try {
    const files = [...sessionFiles(codexHome, isArchived)].filter((file) => file.threadId === id);
    for (const { path } of isArchived ? files : files.toReversed()) {
      const to = target(codexHome, path);
      makeDirectory(dirname(to));
      renameSync(path, to);
    }
  } finally {
    lock.release();
  }
}
