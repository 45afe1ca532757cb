import type { WireDuration } from "@codex-ts/protocol";

/** Milliseconds as Codex's events write them. */
export function wireDuration(ms: number): WireDuration {
  const whole = Math.max(0, ms);
  return { secs: Math.floor(whole / 1000), nanos: Math.round((whole % 1000) * 1_000_000) };
}
