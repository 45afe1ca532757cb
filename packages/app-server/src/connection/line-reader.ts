import { isUtf8 } from "node:buffer";

/** One line of a client, or why it cannot be read. */
export type InputLine =
  | { readonly type: "line"; readonly text: string }
  | { readonly type: "unreadable"; readonly problem: string };

const NEWLINE = 10;

/**
 * Cuts bytes into lines. A line longer than `maxBytes` is given up where it becomes too long, and skipped to its end; one
 * that is not UTF-8 is unreadable as a whole. Blank lines are left out. What the input ends with needs no line break.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): AsyncGenerator<InputLine, void, undefined> {
  const line = new LineBuffer(maxBytes);
  for await (const chunk of input) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : toBuffer(chunk);
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      line.add(bytes.subarray(start, end));
      if (newline === -1) break;
      const taken = line.take();
      if (taken !== undefined) yield taken;
      start = newline + 1;
    }
  }
  const last = line.take();
  if (last !== undefined) yield last;
}

/** The line so far. */
class LineBuffer {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  /** The line, which ends here; `undefined` for a blank one. */
  take(): InputLine | undefined {
    const isTooLong = this.#bytes > this.#maxBytes;
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    if (isTooLong) {
      return { type: "unreadable", problem: `the line is longer than ${this.#maxBytes} bytes` };
    }
    if (bytes === undefined || !isUtf8(bytes)) {
      return { type: "unreadable", problem: "the line is not UTF-8" };
    }
    const text = bytes.toString("utf8");
    return text.trim() === "" ? undefined : { type: "line", text };
  }
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
