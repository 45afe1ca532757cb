import { arrivalTime } from "./arrival-time.ts";

/** Longer delays make Node fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Fires when nothing was touched for a while. Touching is at most one clock read; the timer behind it is set anew only when it
 * runs out.
 */
export class IdleTimer {
  #timeoutMs: number;
  readonly #onExpired: () => void;
  #touchedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(timeoutMs: number, onExpired: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
  }

  /** Starts the wait, or starts it again from zero. */
  touch(): void {
    this.#touchedAt = arrivalTime();
    if (this.#timer === undefined && this.#immediate === undefined) this.#arm(this.#timeoutMs);
  }

  /** Bears longer silences from now on, as of a stream that has begun. */
  extendTo(timeoutMs: number): void {
    this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#remainingMs() > 0) this.#arm(this.#remainingMs());
        // When this process was busy, data may wait in the socket: it gets its turn before the verdict.
        else this.#immediate = setImmediate(() => this.#judge());
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
  }

  #judge(): void {
    this.#immediate = undefined;
    if (this.#remainingMs() > 0) this.#arm(this.#remainingMs());
    else this.#onExpired();
  }

  /** Timers may fire a fraction of a millisecond early. */
  #remainingMs(): number {
    return this.#touchedAt + this.#timeoutMs - performance.now() - 0.5;
  }
}

/** How long a stream may keep its reader waiting for its first event. */
export function firstWaitMs(limits: {
  readonly idleTimeoutMs: number;
  readonly firstEventTimeoutMs?: number | undefined;
}): number {
  return Math.min(limits.idleTimeoutMs, limits.firstEventTimeoutMs ?? Infinity);
}
