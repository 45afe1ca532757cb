import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";

const NEWLINE = 10;

/** A session file that is open for appending whole lines. Everything may throw; what is written survives the process. */
export class SessionLog {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** A new file, readable by its owner only; directories that are missing are made so, too. */
  static create(path: string): SessionLog {
    makeDirectory(dirname(path));
    return new SessionLog(openSync(path, "ax+", 0o600));
  }

  /** A file that is there. A last line that was torn, because its writer died, is ended, so that it costs no other. */
  static open(path: string): SessionLog {
    const log = new SessionLog(openSync(path, "a+", 0o600));
    if (log.#hasTornLine()) log.append("\n");
    return log;
  }

  /** Appends all of a text, or throws and leaves the file as it was. */
  append(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    const { size } = fstatSync(this.#descriptor);
    try {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(this.#descriptor, bytes, written);
      }
    } catch (error) {
      this.#cutTo(size);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #cutTo(size: number): void {
    try {
      ftruncateSync(this.#descriptor, size);
    } catch {
      // Half a line is left then; readers skip it, and the next writer ends it.
    }
  }

  #hasTornLine(): boolean {
    const { size } = fstatSync(this.#descriptor);
    const last = Buffer.alloc(1);
    return (
      size > 0 && readSync(this.#descriptor, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
    );
  }
}
