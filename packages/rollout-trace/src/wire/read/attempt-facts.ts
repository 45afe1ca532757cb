import type { WireAttempt } from "./wire-attempts.ts";

/** The purpose of an attempt: a response, getting ready for one, or opening the connection. */
export function attemptPurpose({ started }: WireAttempt): "request" | "warm-up" | "handshake" {
  if (started.endpoint === "handshake") return "handshake";
  return started.request.generate === false ? "warm-up" : "request";
}

/**
 * Milliseconds from the start of a request, in Unix milliseconds, to the first event of one of its attempts; `undefined`:
 * none came, or the log was cut off.
 */
export function firstEventMs({ started, ended }: WireAttempt, startMs: number): number | undefined {
  const firstEvent = ended?.t.first_event;
  if (firstEvent === null || firstEvent === undefined) return undefined;
  return Math.max(0, Math.round(started.queued_at_ms - startMs + firstEvent / 1000));
}
