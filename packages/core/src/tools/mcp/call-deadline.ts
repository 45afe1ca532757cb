/** The time a call may take; while a person is asked something for it, the time stands still. */
export class CallDeadline {
  readonly #abort = new AbortController();
  readonly #timeoutMs: number;
  #leftMs: number;
  #sinceMs = 0;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#leftMs = timeoutMs;
    this.#go();
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the time is over, and not something else. */
  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Runs the work without the time counting. */
  async pausedFor<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#pauses === 0) {
      this.stop();
      this.#leftMs -= performance.now() - this.#sinceMs;
    }
    this.#pauses += 1;
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0 && !this.isOver) this.#go();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #go(): void {
    this.#sinceMs = performance.now();
    this.#timer = setTimeout(() => this.#abort.abort(), Math.max(0, this.#leftMs));
  }
}
