import { writeSync } from "node:fs";
import type { ProgramInput } from "./started-program.ts";

/** How long a full terminal gets to be read. */
const AGAIN_AFTER_MS = 20;

/**
 * Input of a terminal, written piece by piece as it is read. Node's own streams are no way to write to a terminal whose program
 * reads nothing: they wait for it and stop this whole process.
 */
export class TerminalInput implements ProgramInput {
  readonly isTerminal = true;
  readonly #descriptor: number;
  #waiting = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `descriptor` does not block, and is the terminal's until `close`. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get waitingBytes(): number {
    return this.#waiting.length;
  }

  write(text: string): void {
    if (this.#isClosed) return;
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(text, "utf8")]);
    if (this.#timer === undefined) this.#flush();
  }

  /** The descriptor may belong to something else from now on. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#waiting = Buffer.alloc(0);
  }

  #flush(): void {
    this.#timer = undefined;
    try {
      const written = writeSync(this.#descriptor, this.#waiting);
      this.#waiting = this.#waiting.subarray(written);
    } catch (error) {
      // Nobody reads it any more.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return this.close();
    }
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => this.#flush(), AGAIN_AFTER_MS);
  }
}
