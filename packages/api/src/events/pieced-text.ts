/** Pieces are joined in batches of this size. */
const BATCH_SIZE = 256;

/**
 * Text that arrives in very many pieces. They are joined in batches: appended one by one they would live as long as the
 * text does, for the garbage collector to look at again and again.
 */
export class PiecedText {
  #joined = "";
  #pieces: string[] = [];
  #length = 0;

  /** In characters. */
  get length(): number {
    return this.#length;
  }

  append(piece: string): void {
    this.#length += piece.length;
    if (this.#pieces.push(piece) >= BATCH_SIZE) this.#join();
  }

  toString(): string {
    this.#join();
    return this.#joined;
  }

  #join(): void {
    this.#joined += this.#pieces.join("");
    this.#pieces = [];
  }
}
