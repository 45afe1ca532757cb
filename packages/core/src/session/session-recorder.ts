import type { ThreadEvent } from "../events/thread-event.ts";
import type { CopiedLine, SessionLine, SessionLines } from "./session-line.ts";
import type { SessionLog } from "./session-log.ts";

export interface SessionRecorderOptions {
  readonly lines: SessionLines;
  /** Opens the file, or makes it, when the first line comes. May throw. */
  readonly open: () => SessionLog;
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
 * it was about to write. A disk that fails ends the writing, never the thread. Nothing is written before the first turn,
 * unless `begin` asks for it.
 */
export class SessionRecorder {
  readonly #options: SessionRecorderOptions;
  #log: SessionLog | undefined;
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
    return this.#log !== undefined;
  }

  /** Takes in one event. Never throws. */
  record(event: ThreadEvent): void {
    if (this.#hasStopped) return;
    this.#attempt(() => {
      const lines = this.#options.lines.linesOf(event);
      if (lines.length > 0) this.#append(lines);
    });
  }

  /** Begins a file that has not begun: with what stands before all events, and further lines. Never throws. */
  begin(further: () => readonly SessionLine[] = () => []): void {
    if (this.#hasStopped || this.hasBegun) return;
    this.#attempt(() => this.#append(further()));
  }

  /** Ends the writing. Safe to call twice. */
  close(): void {
    this.#stop();
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#stop();
      this.#options.onTrouble(error);
    }
  }

  #append(lines: readonly SessionLine[]): void {
    const opening = this.#log === undefined ? this.#options.opening() : [];
    this.#log ??= this.#options.open();
    this.#log.append([...opening, ...lines].map((line) => this.#toText(line)).join(""));
  }

  #stop(): void {
    this.#hasStopped = true;
    const log = this.#log;
    this.#log = undefined;
    try {
      log?.close();
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
