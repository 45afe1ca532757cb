import { ThreadError } from "../errors.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import { Lines0140 } from "./lines-0.140.ts";
import { Lines0171 } from "./lines-0.171.ts";
import { createSession } from "./open-session.ts";
import { newSessionPath } from "./session-directory.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { CopiedLine, SessionGeneration, SessionLine, SessionLines } from "./session-line.ts";
import { SessionLog } from "./session-log.ts";
import { SessionRecorder } from "./session-recorder.ts";
import type { OpenSession } from "./session-recorder.ts";
import type { ThreadStart } from "./thread-start.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A thread as the writer of its session file. */
export interface ThreadSession {
  /** There is no file before the first turn, or `begin`. */
  readonly path: string;
  /** Whether the file has everything until now. */
  readonly isComplete: boolean;
  record(event: ThreadEvent): void;
  /** Makes a new file that is not there yet. */
  begin(): void;
  close(): void;
}

export interface ThreadSessionOptions {
  readonly codexHome: string;
  readonly compatibility: SessionGeneration;
  readonly facts: SessionFacts;
  readonly start: ThreadStart | undefined;
  readonly now: () => number;
  /** Called once, when nothing more is written. */
  readonly onWarning: (message: string) => void;
}

/** The session file of a thread: a new one, or the one it had. */
export function openThreadSession(options: ThreadSessionOptions): ThreadSession {
  const { start, facts, now } = options;
  const isResumed = start !== undefined && start.fork === undefined;
  const path = isResumed
    ? start.session.path
    : newSessionPath(options.codexHome, facts.threadId, facts.createdMs);
  const { lines, opening } = linesOf(options, isResumed);
  const onTrouble = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    options.onWarning(
      `the session is no longer kept in ${path}: ${reason}; the thread goes on, and cannot be resumed from here on`,
    );
  };
  if (isResumed && start.session.lock === undefined) {
    onTrouble(start.session.trouble);
    return { path, isComplete: false, record: () => {}, begin: () => {}, close: () => {} };
  }
  const recorder = new SessionRecorder({
    lines,
    opening,
    nextOrdinal: start?.fork?.base?.endOrdinal ?? start?.session.replayed.nextOrdinal ?? 0,
    now,
    open: isResumed ? () => reopened(path) : () => created(path, options),
    onTrouble,
  });
  return {
    path,
    get isComplete() {
      return !recorder.hasStopped && (isResumed || recorder.hasBegun);
    },
    record: (event) => recorder.record(event),
    begin: () => {
      if (!isResumed) recorder.begin();
    },
    close: () => {
      recorder.close();
      if (isResumed) start.session.lock?.release();
    },
  };
}

/** Throws `ThreadError` for an id that no session can have: it becomes the name of a file, and Codex finds no other. */
export function checkThreadId(threadId: string): void {
  if (UUID.test(threadId)) return;
  throw new ThreadError(
    "invalid_option",
    `a thread that is kept must have a UUID as its id, not \`${threadId}\``,
  );
}

/** A file goes on in the generation it began in. */
function linesOf(
  { start, facts, compatibility, now }: ThreadSessionOptions,
  isResumed: boolean,
): {
  readonly lines: SessionLines;
  readonly opening: () => readonly (SessionLine | CopiedLine)[];
} {
  const replayed = start?.session.replayed;
  const generation = start?.fork?.generation ?? replayed?.generation ?? compatibility;
  if (generation === "0.140") {
    const lines = new Lines0140(facts);
    const copied = (start?.fork?.copied ?? []).map((text) => ({ text }));
    return { lines, opening: () => (isResumed ? [] : [...lines.opening(), ...copied]) };
  }
  const progress = replayed && {
    usage: replayed.recordedUsage ?? replayed.tokenInfo?.total_token_usage,
    worldState: replayed.worldState,
    firstContextWindowId: replayed.firstContextWindowId,
    model: replayed.model,
    settings: replayed.settings,
    compHash: replayed.compHash,
  };
  const lines = new Lines0171(facts, now, progress);
  return {
    lines,
    opening: () => [
      ...(isResumed ? [] : lines.opening()),
      ...(start === undefined ? [] : lines.resumption()),
    ],
  };
}

/** The lock was taken before the file was read. */
function reopened(path: string): OpenSession {
  const log = SessionLog.open(path);
  return { log, close: () => log.close() };
}

function created(path: string, { codexHome, facts }: ThreadSessionOptions): OpenSession {
  const { log, lock } = createSession(codexHome, facts.threadId, path);
  return {
    log,
    close: () => {
      log.close();
      lock.release();
    },
  };
}
