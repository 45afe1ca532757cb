/** Most output kept of one command; the middle of what is longer is dropped. */
const MAX_OUTPUT_BYTES: number = 1024 * 1024;

/** Collects the output of a command: its first and its last half mebibyte. */
export class OutputBuffer {
  readonly #half: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;

  constructor(maxBytes: number = MAX_OUTPUT_BYTES) {
    this.#half = Math.floor(maxBytes / 2);
  }

  /** How much is kept. */
  get bytes(): number {
    return this.#headBytes + this.#tailBytes;
  }

  push(chunk: Buffer): void {
    const room = this.#half - this.#headBytes;
    if (room > 0) {
      const first = chunk.subarray(0, room);
      this.#head.push(first);
      this.#headBytes += first.length;
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(Math.max(room, 0)));
  }

  /** The kept output, as text; bytes that are no UTF-8 become replacement characters. */
  text(): string {
    return Buffer.concat([...this.#head, ...this.#tail]).toString("utf8");
  }

  #pushTail(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    let excess = this.#tailBytes - this.#half;
    while (excess > 0) {
      const first = this.#tail[0];
      if (first === undefined) break;
      const dropped = Math.min(excess, first.length);
      if (dropped === first.length) this.#tail.shift();
      else this.#tail[0] = first.subarray(dropped);
      this.#tailBytes -= dropped;
      excess -= dropped;
    }
  }
}
