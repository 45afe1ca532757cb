/** Most output kept of one command; the middle of what is longer is dropped. */
const MAX_OUTPUT_BYTES: number = 1024 * 1024;
const FIRST_BYTES = 4096;

/**
 * Collects the output of a command: its first and its last half mebibyte. Takes no more memory than that, in however many
 * pieces the output comes.
 */
export class OutputBuffer {
  readonly #half: number;
  #head: Buffer = Buffer.alloc(0);
  #headBytes = 0;
  /** A ring once it has its full size: the next byte goes to `#tailEnd`, over the oldest one. */
  #tail: Buffer = Buffer.alloc(0);
  #tailEnd = 0;
  #bytes = 0;

  constructor(maxBytes: number = MAX_OUTPUT_BYTES) {
    this.#half = Math.floor(maxBytes / 2);
  }

  /** How much was written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How much of it was dropped. */
  get droppedBytes(): number {
    return Math.max(0, this.#bytes - 2 * this.#half);
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    const room = this.#half - this.#headBytes;
    if (room > 0) {
      const first = chunk.subarray(0, room);
      this.#head = grown(this.#head, this.#headBytes + first.length, this.#half);
      this.#head.set(first, this.#headBytes);
      this.#headBytes += first.length;
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(room));
  }

  /** The kept output, `separator` in the place of what was dropped; bytes that are no UTF-8 become replacement characters. */
  text(separator = ""): string {
    const head = this.#head.subarray(0, this.#headBytes);
    const { droppedBytes } = this;
    const tailBytes = this.#bytes - this.#headBytes - droppedBytes;
    const isFull = tailBytes === this.#half;
    const older = isFull ? this.#tail.subarray(this.#tailEnd) : this.#tail.subarray(0, 0);
    const newer = this.#tail.subarray(0, this.#tailEnd);
    if (droppedBytes === 0 || separator === "") {
      return Buffer.concat([head, older, newer]).toString("utf8");
    }
    return head.toString("utf8") + separator + Buffer.concat([older, newer]).toString("utf8");
  }

  #pushTail(chunk: Uint8Array): void {
    let rest = chunk.subarray(Math.max(0, chunk.length - this.#half));
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#half - this.#tailEnd);
      this.#tail = grown(this.#tail, this.#tailEnd + part.length, this.#half);
      this.#tail.set(part, this.#tailEnd);
      this.#tailEnd = (this.#tailEnd + part.length) % this.#half;
      rest = rest.subarray(part.length);
    }
  }
}

/** A buffer with room for `bytes`, which are at most `maxBytes`. */
function grown(buffer: Buffer, bytes: number, maxBytes: number): Buffer {
  if (bytes <= buffer.length) return buffer;
  const next = Buffer.alloc(Math.min(maxBytes, Math.max(FIRST_BYTES, bytes, 2 * buffer.length)));
  next.set(buffer);
  return next;
}
