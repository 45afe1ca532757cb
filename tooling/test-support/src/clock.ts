/** A clock that moves only when told to, with a `sleep` that records and skips its delay. */
export interface ManualClock {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Resolves at once, moves the clock by `ms` and remembers `ms`; rejects with the signal's reason when aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Every delay `sleep` was asked for, in order. */
  readonly sleepsMs: readonly number[];
  advance(ms: number): void;
}

export function manualClock(startUnixMs = 1_700_000_000_000): ManualClock {
  let nowMs = startUnixMs;
  const sleepsMs: number[] = [];
  return {
    now: () => nowMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleepsMs.push(ms);
      nowMs += ms;
    },
    sleepsMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}
