import { concatenateBytes, copyBytes } from "../json/bytes.ts";

const NEWLINE = 0x0a;
/** A line names payloads and does not hold them: the longest of a session of weeks has some megabytes. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** One line of the log, without its newline. */
export interface LogLine {
  /** Hold the line from `start` to `end`; good until the next line is asked for. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** From 1, blank lines counted. */
  readonly number: number;
  /** False for a last line that is not ended, or not yet. */
  readonly isEnded: boolean;
}

/** Cuts chunks of any size into lines, up to the first that is too long. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #number = 0;
  #tooLong: number | undefined;

  /** `maxLineBytes`: default 64 MiB. */
  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Number of the line that is too long, which is kept back with all behind it; `undefined` while there is none. */
  get tooLongLine(): number | undefined {
    return this.#tooLong;
  }

  /** The lines that `chunk` ends. */
  *push(chunk: Uint8Array): Generator<LogLine, void> {
    if (this.#tooLong !== undefined) return;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (this.#isTooLong((end === -1 ? chunk.length : end) - start)) return;
      if (end === -1) break;
      yield this.#line(chunk, start, end, true);
      start = end + 1;
    }
    // The source may use its chunk again, so what waits for its end is copied.
    if (start === chunk.length) return;
    this.#pending.push(copyBytes(chunk.subarray(start)));
    this.#pendingBytes += chunk.length - start;
  }

  /** The unended last line, if there is one. */
  *rest(): Generator<LogLine, void> {
    if (this.#pending.length > 0) yield this.#line(new Uint8Array(0), 0, 0, false);
  }

  #line(chunk: Uint8Array, start: number, end: number, isEnded: boolean): LogLine {
    this.#number += 1;
    const number = this.#number;
    if (this.#pending.length === 0) return { bytes: chunk, start, end, number, isEnded };
    const bytes = concatenateBytes([...this.#pending, chunk.subarray(start, end)]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return { bytes, start: 0, end: bytes.length, number, isEnded };
  }

  /** Whether the line is, with so many more bytes. */
  #isTooLong(bytes: number): boolean {
    if (this.#pendingBytes + bytes <= this.#maxLineBytes) return false;
    this.#tooLong = this.#number + 1;
    this.#pending = [];
    return true;
  }
}

const BLANK = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;

/** Whether a line holds only white space as Codex sees it, which is not quite as JavaScript does. */
export function isBlankLine(text: string): boolean {
  // Most lines say at once that they are not.
  return !text.startsWith("{") && BLANK.test(text);
}
