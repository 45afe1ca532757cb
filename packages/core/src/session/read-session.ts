import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { ThreadError } from "../errors.ts";
import { baseSegments } from "./base-segments.ts";
import { findBaseFile, findSessionFile } from "./session-directory.ts";
import { readLines, readSessionBytes } from "./read-lines.ts";
import type { RawLine } from "./read-lines.ts";

/** Content of a session file. */
export interface SessionContent {
  readonly threadId: string;
  readonly path: string;
  readonly isArchived: boolean;
  /** Payload of the first line. */
  readonly meta: JsonObject;
  /** The lines after it, oldest first; those a fork shares with the thread it was made of come first. */
  readonly lines: readonly SessionContentLine[];
}

/** One line of a session file: `event_msg`, `response_item`, `turn_context`… Lines that cannot be read are left out. */
export interface SessionContentLine {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly type: string;
  readonly payload: JsonObject;
}

/** Options of {@link readSession}. */
export interface ReadSessionOptions {
  /** Codex's home directory. */
  readonly codexHome: string;
}

/**
 * Reads the session of a thread, also of one that is archived or in use. Rejects with `ThreadError`:
 * `session_not_found`, `session_unreadable`.
 */
export async function readSession(
  threadId: string,
  { codexHome }: ReadSessionOptions,
): Promise<SessionContent> {
  const file = findSessionFile(codexHome, threadId);
  if (file === undefined) {
    throw new ThreadError("session_not_found", `no rollout found for thread id ${threadId}`);
  }
  try {
    return { ...file, ...contentOf(file.path, codexHome) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadError("session_unreadable", `read session file ${file.path}: ${reason}`);
  }
}

function contentOf(path: string, codexHome: string): Pick<SessionContent, "meta" | "lines"> {
  const [first, ...own] = readLines(readSessionBytes(path));
  if (first?.type !== "session_meta") {
    throw new Error("it does not begin with the line that says what the session is");
  }
  const base = first.payload["history_base"];
  const shared = isJsonObject(base)
    ? baseSegments(base, (id) => readSessionBytes(findBaseFile(codexHome, id)?.path ?? ""))
    : [];
  return {
    meta: first.payload,
    lines: [...shared.flatMap(({ lines }) => lines), ...own].map(toLine),
  };
}

function toLine({ timestamp, type, payload }: RawLine): SessionContentLine {
  return { timestamp, type, payload };
}
