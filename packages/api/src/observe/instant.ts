/** A moment by two clocks: one for people, and one that never goes back, for durations. */
export interface Instant {
  readonly unixMs: number;
  readonly monotonicMs: number;
}

export function instant(now: () => number): Instant {
  return { unixMs: now(), monotonicMs: performance.now() };
}
