/** Cuts a byte stream into pieces of given sizes, regardless of the pieces it came in. */
export class Chunker {
  readonly #sizesBytes: readonly number[];
  #turn = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(sizesBytes: readonly number[]) {
    const isUsable =
      sizesBytes.length > 0 && sizesBytes.every((size) => Number.isInteger(size) && size > 0);
    if (!isUsable) throw new RangeError("chunkSizesBytes must list whole numbers above 0");
    this.#sizesBytes = sizesBytes;
  }

  /** The pieces that are complete now; what is left waits for more bytes. */
  push(bytes: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const pieces: Buffer[] = [];
    let offset = 0;
    for (;;) {
      const size = this.#sizesBytes[this.#turn % this.#sizesBytes.length] ?? 1;
      if (this.#rest.length - offset < size) break;
      pieces.push(this.#rest.subarray(offset, offset + size));
      offset += size;
      this.#turn += 1;
    }
    this.#rest = this.#rest.subarray(offset);
    return pieces;
  }

  /** The rest, as one shorter piece. */
  flush(): Buffer[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? [] : [rest];
  }
}
