/** Warnings that wait for a recipient. Each is handed out once. */
export class PendingWarnings {
  #waiting: string[] = [];
  readonly #onWarning: ((message: string) => void) | undefined;

  constructor(onWarning: ((message: string) => void) | undefined) {
    this.#onWarning = onWarning;
  }

  /** For the running turn or the next one. */
  add(message: string): void {
    this.#waiting.push(message);
  }

  /** For the application at once, when it listens; else like the others. */
  tellNow(message: string): void {
    if (this.#onWarning === undefined) this.add(message);
    else this.#tell(message);
  }

  /** The waiting warnings, for a turn to emit. */
  take(): readonly string[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** No turn follows: the application receives what is left. */
  tellAll(): void {
    for (const message of this.take()) this.#tell(message);
  }

  #tell(message: string): void {
    try {
      this.#onWarning?.(message);
    } catch {
      // A listener's trouble must not keep a thread from closing.
    }
  }
}
