/** A map by text that keeps what was set or read last: `minimum` entries at least, twice as many at most. */
export class RecentMap<Value> {
  readonly #minimum: number;
  #recent = new Map<string, Value>();
  #older = new Map<string, Value>();

  constructor(minimum: number) {
    this.#minimum = minimum;
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  get(key: string): Value | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    this.#older.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size < this.#minimum) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }
}
