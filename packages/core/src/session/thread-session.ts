import { ThreadError } from "../errors.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import { Lines0140 } from "./lines-0.140.ts";
import { Lines0171 } from "./lines-0.171.ts";
import type { Progress } from "./lines-0.171.ts";
import { newUuidV7 } from "@codex-ts/protocol";
import { newSessionPath } from "./session-directory.ts";
import type { ReplayedSession } from "./replay-session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { CopiedLine, SessionGeneration, SessionLine, SessionLines } from "./session-line.ts";
import { SessionLog } from "./session-log.ts";
import { SessionRecorder } from "./session-recorder.ts";
import type { SessionBefore } from "./session-before.ts";
import type { ThreadStart } from "./thread-start.ts";
import { acquireWriterLock } from "./writer-lock.ts";
import type { WriterLock } from "./writer-lock.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A thread as the writer of its session file. */
export interface ThreadSession {
  /** There is no file before the first turn, or `begin`. */
  readonly path: string;
  /** Whether the file has everything until now. */
  readonly isComplete: boolean;
  /** Which generation of Codex it is a file of. */
  readonly generation: SessionGeneration;
  /** Goes on in a new file, which begins in this one before something that was taken back; that of 0.171 only. */
  startOver(before: SessionBefore): void;
  /** Writes no more: the file is not what the thread is. */
  abandon(reason: unknown): void;
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
  return new SessionWriter(options);
}

class SessionWriter implements ThreadSession {
  readonly #options: ThreadSessionOptions;
  readonly #isResumed: boolean;
  readonly generation: SessionGeneration;
  #path: string;
  #lines: SessionLines;
  #recorder: SessionRecorder;
  #lock: WriterLock | undefined;
  #hasTold = false;

  constructor(options: ThreadSessionOptions) {
    const { start, facts, now } = options;
    this.#options = options;
    const isResumed = start !== undefined && start.fork === undefined;
    this.#isResumed = isResumed;
    this.#path = isResumed
      ? start.session.path
      : newSessionPath(options.codexHome, facts.threadId, facts.createdMs);
    const { generation, lines, opening } = linesOf(options, isResumed);
    this.generation = generation;
    this.#lines = lines;
    if (isResumed) this.#lock = start.session.lock;
    this.#recorder = new SessionRecorder({
      lines,
      opening,
      nextOrdinal: start?.fork?.base?.endOrdinal ?? start?.session.replayed.nextOrdinal ?? 0,
      now,
      open: () => (isResumed ? SessionLog.open(this.#path) : this.#create()),
      onTrouble: (error) => this.#warn(error),
    });
    if (isResumed && start.session.lock === undefined) this.abandon(start.session.trouble);
  }

  get path(): string {
    return this.#path;
  }

  get isComplete(): boolean {
    return !this.#recorder.hasStopped && (this.#isResumed || this.#recorder.hasBegun);
  }

  record(event: ThreadEvent): void {
    this.#recorder.record(event);
  }

  startOver({ replayed }: SessionBefore): void {
    const { codexHome, facts, now } = this.#options;
    const settings = this.#lines instanceof Lines0171 ? this.#lines.settings : undefined;
    this.#recorder.close();
    const lines = new Lines0171(facts, now, progressOf(replayed));
    this.#lines = lines;
    this.#path = newSessionPath(codexHome, `${facts.threadId}_${newUuidV7()}`, now());
    this.#recorder = new SessionRecorder({
      lines,
      opening: () => [
        { type: "session_meta", payload: replayed.meta },
        ...lines.startOver(settings ?? lines.settings),
      ],
      // Its first line has the number of the line it was cut before.
      nextOrdinal: replayed.nextOrdinal - 1,
      now,
      open: () => this.#create(),
      onTrouble: (error) => this.#warn(error),
    });
    this.#recorder.begin();
  }

  begin(): void {
    if (!this.#isResumed) this.#recorder.begin(() => this.#lines.fresh());
  }

  abandon(reason: unknown): void {
    this.#recorder.close();
    this.#warn(reason);
  }

  close(): void {
    this.#recorder.close();
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** Of a thread that was there before, the lock was taken before its file was read. */
  #create(): SessionLog {
    this.#lock ??= acquireWriterLock(this.#options.codexHome, this.#options.facts.threadId);
    return SessionLog.create(this.#path);
  }

  #warn(error: unknown): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning(
      `the session is no longer kept in ${this.#path}: ${reason}; the thread goes on, and cannot be resumed from here on`,
    );
  }
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
  readonly generation: SessionGeneration;
  readonly lines: SessionLines;
  readonly opening: () => readonly (SessionLine | CopiedLine)[];
} {
  const replayed = start?.session.replayed;
  const generation = start?.fork?.generation ?? replayed?.generation ?? compatibility;
  if (generation === "0.140") {
    const lines = new Lines0140(facts);
    const copied = (start?.fork?.copied ?? []).map((text) => ({ text }));
    return { generation, lines, opening: () => (isResumed ? [] : [...lines.opening(), ...copied]) };
  }
  const lines = new Lines0171(facts, now, replayed && progressOf(replayed));
  return {
    generation,
    lines,
    opening: () => [
      ...(isResumed ? [] : lines.opening()),
      ...(start === undefined ? [] : lines.resumption()),
    ],
  };
}

function progressOf(replayed: ReplayedSession): Progress {
  return {
    usage: replayed.recordedUsage ?? replayed.tokenInfo?.total_token_usage,
    worldState: replayed.worldState,
    firstContextWindowId: replayed.firstContextWindowId,
    model: replayed.model,
    settings: replayed.settings,
    compHash: replayed.compHash,
  };
}
