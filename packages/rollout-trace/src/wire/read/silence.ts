import type { WireAttempt } from "./wire-attempts.ts";

/**
 * The longest silence of an attempt's stream in milliseconds, where it is one to name: it was a stall of 5 seconds or more,
 * or the attempt was given up for it. Otherwise 0.
 */
export function silenceMs({ ended }: Pick<WireAttempt, "ended">): number {
  if (ended === undefined || (ended.stalls === 0 && ended.timeout !== "idle")) return 0;
  return ended.max_gap_us / 1000;
}
