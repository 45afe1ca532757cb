const REDACTED = "<redacted>";

/**
 * A credential that cannot be printed by accident: text, JSON and `util.inspect` of it give `<redacted>`.
 *
 * Read the value with {@link Secret.expose}, at the place that puts it on the wire or on disk and nowhere else.
 */
export class Secret {
  readonly #value: string;

  static {
    // What console.log and error printing of Node ask for.
    Object.defineProperty(this.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: () => REDACTED,
    });
  }

  constructor(value: string) {
    this.#value = value;
  }

  /** Wraps text; a secret stays itself. */
  static from(value: string | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value);
  }

  /** The value itself. Never put the result into an error, a log or a trace. */
  expose(): string {
    return this.#value;
  }

  /** Whether two secrets hold the same text. */
  equals(other: Secret | undefined): boolean {
    return other !== undefined && this.#value === other.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }
}
