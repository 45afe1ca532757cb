/**
 * Fires when nothing was touched for a while. Touching is one clock read; the timer behind it is set anew only when it
 * runs out.
 */
export class IdleTimer {
  readonly #timeoutMs: number;
  readonly #onExpired: () => void;
  #touchedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, onExpired: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
  }

  /** Starts the wait, or starts it again from zero. */
  touch(): void {
    this.#touchedAt = performance.now();
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(
      () => {
        const remainingMs = this.#touchedAt + this.#timeoutMs - performance.now();
        if (remainingMs > 0.5) {
          this.#arm(remainingMs);
          return;
        }
        this.#timer = undefined;
        this.#onExpired();
      },
      Math.min(delayMs, maxTimerMs),
    );
  }
}

/** Longer delays make Node fire at once. */
const maxTimerMs = 2_147_483_647;
