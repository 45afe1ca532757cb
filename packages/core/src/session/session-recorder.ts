import type { ThreadEvent } from "../events/thread-event.ts";
import type { CopiedLine, SessionLine, SessionLines } from "./session-line.ts";
import type { SessionLog } from "./session-log.ts";

/** A file that is open for this process to write. */
export interface OpenSession {
  readonly log: SessionLog;
  /** Ends the writing. */
  close(): void;
}

export interface SessionRecorderOptions {
  readonly lines: SessionLines;
  /** Opens the file, or makes it, when the first line comes. May throw. */
  readonly open: () => OpenSession;
  /** Lines that stand before those of the first event. */
  readonly opening: () => readonly (SessionLine | CopiedLine)[];
  /** Number of the next line, where lines have numbers. */
  readonly nextOrdinal: number;
  readonly now: () => number;
  /** Called once, with the reason, when nothing more can be written. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Writes the events of a thread to its session file, each when it happens: a process that is killed loses at most the one
 * it was about to write. A disk that fails ends the writing, never the thread. Nothing is written before the first turn, unless `begin` asks for it.
 */
export class SessionRecorder {
  readonly #options: SessionRecorderOptions;
  #session: OpenSession | undefined;
  #ordinal: number;
  #hasStopped = false;

  constructor(options: SessionRecorderOptions) {
    this.#options = options;
    this.#ordinal = options.nextOrdinal;
  }

  /** Nothing more is written. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Something has been written. */
  get hasBegun(): boolean {
    return this.#session !== undefined;
  }

  /** Takes in one event. Never throws. */
  record(event: ThreadEvent): void {
    this.#write(() => this.#options.lines.linesOf(event));
  }

  /** Begins the file, where nothing has been written. Never throws. */
  begin(): void {
    if (this.#session === undefined)
      this.#write(() => this.#options.lines.fresh(), { always: true });
  }

  #write(linesOf: () => readonly SessionLine[], { always = false } = {}): void {
    if (this.#hasStopped) return;
    try {
      const lines = linesOf();
      if (lines.length === 0 && !always) return;
      const opening = this.#session === undefined ? this.#options.opening() : [];
      this.#session ??= this.#options.open();
      this.#session.log.append([...opening, ...lines].map((line) => this.#toText(line)).join(""));
    } catch (error) {
      this.#stop();
      this.#options.onTrouble(error);
    }
  }

  /** Ends the writing. Safe to call twice. */
  close(): void {
    this.#stop();
  }

  #stop(): void {
    this.#hasStopped = true;
    const session = this.#session;
    this.#session = undefined;
    try {
      session?.close();
    } catch {
      // Every line was written with its own call; closing adds nothing that could be lost.
    }
  }

  #toText(written: SessionLine | CopiedLine): string {
    if ("text" in written) return `${written.text}\n`;
    const { type, payload } = written;
    const timestamp = new Date(this.#options.now()).toISOString();
    const line = this.#options.lines.isNumbered
      ? { timestamp, ordinal: this.#ordinal++, type, payload }
      : { timestamp, type, payload };
    return `${JSON.stringify(line)}\n`;
  }
}
