/**
 * HTTP headers of one request in the order they are written. Names are compared ignoring case and sent in lower case.
 *
 * A name or value that HTTP does not allow is skipped, never an error: every optional header follows that rule.
 */
export class HeaderBag implements Iterable<readonly [name: string, value: string]> {
  readonly #values = new Map<string, string>();

  constructor(entries: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of entries) this.set(name, value);
  }

  /** Number of headers. */
  get size(): number {
    return this.#values.size;
  }

  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Sets or replaces; a replaced header keeps its place. */
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    if (isHeaderName(key) && isHeaderValue(value)) this.#values.set(key, value);
  }

  /** Sets only where the name is still absent. */
  setDefault(name: string, value: string): void {
    if (!this.has(name)) this.set(name, value);
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#values.entries();
  }
}

function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name);
}

function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}
