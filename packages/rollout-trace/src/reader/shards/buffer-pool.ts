const SMALLEST_POOLED_BYTES = 16 * 1024;
const POOLED_BUFFERS = 2;
const GROWTH = 1.5;

/** Lends memory that is used again, because every request of a long session is a large body. */
export class BufferPool {
  #free: Uint8Array[] = [];
  #lent: Uint8Array[] = [];
  #lentBytes = 0;
  #isExhausted = false;
  readonly #mostBytesLent: number;

  constructor(mostBytesLent: number) {
    this.#mostBytesLent = mostBytesLent;
  }

  /** Whether something was refused since the last release. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Counts what is handed out; false when that would be too much. */
  mayLend(length: number): boolean {
    this.#lentBytes += length;
    this.#isExhausted ||= this.#lentBytes > this.#mostBytesLent;
    return !this.#isExhausted;
  }

  /** `undefined` when too much is lent already. */
  take(length: number): Uint8Array | undefined {
    if (!this.mayLend(length)) return undefined;
    // Small bodies need no pool, and would only hold on to what a large one needs.
    if (length < SMALLEST_POOLED_BYTES) return new Uint8Array(length);
    const fitting = this.#free.find((buffer) => buffer.length >= length) ?? grown(length);
    this.#free = this.#free.filter((buffer) => buffer !== fitting);
    this.#lent.push(fitting);
    return fitting.subarray(0, length);
  }

  /** The largest are kept. */
  release(): void {
    this.#free = [...this.#free, ...this.#lent];
    this.#lent = [];
    this.#lentBytes = 0;
    this.#isExhausted = false;
    this.#free.sort((left, right) => left.length - right.length);
    this.#free = this.#free.slice(-POOLED_BUFFERS);
  }
}

/** Bodies grow by a little each time. */
function grown(length: number): Uint8Array {
  return new Uint8Array(Math.ceil(length * GROWTH));
}
