import { ProtocolError } from "./errors.ts";
import { newUuidV7 } from "./uuid.ts";

/** UUID text of one conversation, lower-case. New ones are version 7. */
export type ThreadId = string & { readonly __brand: "ThreadId" };
/** Thread id of the root thread that this thread and its subagents belong to. */
export type SessionId = string & { readonly __brand: "SessionId" };
/** Identity of one turn; `""` in the metadata of a start-up prewarm. */
export type TurnId = string & { readonly __brand: "TurnId" };
/** `<thread id>:<generation>`; the generation starts at 0 and grows by one with each compaction. */
export type WindowId = `${string}:${number}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const WINDOW = /^(.+):(0|[1-9][0-9]*)$/;

/** A new thread id; ids made by one process sort by creation. */
export function newThreadId(generateUuid: () => string = newUuidV7): ThreadId {
  return generateUuid() as ThreadId;
}

/** A new turn id; ids made by one process sort by creation. */
export function newTurnId(generateUuid: () => string = newUuidV7): TurnId {
  return generateUuid() as TurnId;
}

/**
 * The thread id written in `text`: a hyphenated UUID of any version and letter case, returned in lower case.
 *
 * @throws {ProtocolError} `invalid_thread_id` for anything else.
 */
export function parseThreadId(text: unknown): ThreadId {
  if (typeof text === "string" && UUID.test(text)) return text.toLowerCase() as ThreadId;
  throw new ProtocolError(
    "invalid_thread_id",
    "invalid thread id: give a UUID such as 01234567-89ab-7cde-8f01-23456789abcd",
  );
}

/** The session id of a root thread: the same UUID. */
export function toSessionId(threadId: ThreadId): SessionId {
  return threadId as string as SessionId;
}

/** The root thread a session is named after: the same UUID. */
export function toThreadId(sessionId: SessionId): ThreadId {
  return sessionId as string as ThreadId;
}

/** Names one context window of a thread. `generation` counts the compactions so far, from 0. */
export function toWindowId(threadId: ThreadId, generation: number): WindowId {
  return `${threadId}:${generation}`;
}

/**
 * Splits a window id.
 *
 * @throws {ProtocolError} `invalid_window_id` unless it is a UUID, a colon and a count without leading zeros.
 */
export function parseWindowId(text: string): {
  readonly threadId: ThreadId;
  readonly generation: number;
} {
  const [, thread = "", generation = ""] = WINDOW.exec(text) ?? [];
  if (UUID.test(thread) && Number.isSafeInteger(Number(generation))) {
    return { threadId: parseThreadId(thread), generation: Number(generation) };
  }
  throw new ProtocolError(
    "invalid_window_id",
    "invalid window id: give a thread id, a colon and the number of compactions",
  );
}
