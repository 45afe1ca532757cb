/** Beside its bytes, for a body that is kept: a record may be empty. */
const ENTRY_BYTES = 256;

/** Bodies of records that may still be asked for, of all shards together. */
export class KeptBodies {
  /** Least recently used first. */
  readonly #bodies = new Map<string, Uint8Array>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get(shard: number, id: string): Uint8Array | undefined {
    const key = keyOf(shard, id);
    const body = this.#bodies.get(key);
    if (body === undefined) return undefined;
    this.#bodies.delete(key);
    this.#bodies.set(key, body);
    return body;
  }

  /** Whether a body fits beside those that are kept, and is not one of them. */
  hasRoomBeside(shard: number, id: string, length: number): boolean {
    const isRoom = this.#bytes + length + ENTRY_BYTES <= this.#mostBytes;
    return isRoom && !this.#bodies.has(keyOf(shard, id));
  }

  /** Keeps a copy of a body in the place of others, unless it is too large for that. */
  keepCopy(shard: number, id: string, body: Uint8Array): void {
    if (body.length + ENTRY_BYTES <= this.#mostBytes) this.keep(shard, id, body.slice());
  }

  keep(shard: number, id: string, body: Uint8Array): void {
    const key = keyOf(shard, id);
    if (this.#bodies.has(key)) return;
    this.#bodies.set(key, body);
    this.#bytes += body.length + ENTRY_BYTES;
    for (const [oldest, { length }] of this.#bodies) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#bodies.delete(oldest);
      this.#bytes -= length + ENTRY_BYTES;
    }
  }

  clear(): void {
    this.#bodies.clear();
    this.#bytes = 0;
  }
}

function keyOf(shard: number, id: string): string {
  return `${shard} ${id}`;
}
