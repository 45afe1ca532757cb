import type { ChainAttempt } from "@codex-ts/trace-viewer-page/format";
import { duration } from "./numbers.ts";

/** A stretch of an attempt, in milliseconds since the first attempt of its chain. */
export interface Stretch {
  readonly kind: "connect" | "wait" | "stream" | "silence" | "pause";
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Milliseconds from the first attempt's start to the end of the last thing that is known. */
export function chainLength(attempts: readonly ChainAttempt[]): number {
  return Math.max(1, ...attempts.map((attempt) => endOf(attempt) - startOf(attempts)));
}

export function startOf(attempts: readonly ChainAttempt[]): number {
  return Math.min(...attempts.map(({ started }) => started.queued_at_ms));
}

/** With the wait for the next try, where there was one. */
function endOf(attempt: ChainAttempt): number {
  return attemptEnd(attempt) + (attempt.retry?.delay_ms ?? 0);
}

function attemptEnd({ started, ended, responded }: ChainAttempt): number {
  return started.queued_at_ms + (ended?.t.ended ?? responded?.t.responded ?? 0) / 1000;
}

/** The stretches of an attempt in order; those it did not reach are left out. */
export function stretchesOf(attempt: ChainAttempt, chainStart: number): readonly Stretch[] {
  const { started, ended, responded, retry } = attempt;
  const offset = started.queued_at_ms - chainStart;
  const stretches: Stretch[] = [];
  let at = 0;
  const until = (
    microseconds: number | null | undefined,
    kind: Stretch["kind"],
    name: string,
  ): void => {
    if (microseconds === null || microseconds === undefined || microseconds <= at) return;
    stretches.push({ kind, name, start: offset + at / 1000, end: offset + microseconds / 1000 });
    at = microseconds;
  };
  const t = ended?.t;
  until(t?.credentials, "connect", "credentials");
  until(t?.connected, "connect", ended?.reused === true ? "open connection taken" : "connecting");
  until(t?.sent, "connect", "sending");
  until(t?.responded ?? responded?.t.responded, "wait", "waiting for the response");
  until(t?.first_event, "wait", "waiting for the first event");
  until(t?.last_event, "stream", "streaming");
  until(
    t?.ended,
    lastKind(attempt),
    t?.last_event === null ? "until it ended" : "after the last event",
  );
  const parts = withSilence(stretches, attempt, offset);
  if (retry !== undefined) {
    const start = offset + at / 1000;
    parts.push({
      kind: "pause",
      name: "waiting to try again",
      start,
      end: start + retry.delay_ms,
    });
  }
  return parts;
}

/** Behind its last event a stream that was to go on is waited for. */
function lastKind({ ended }: ChainAttempt): Stretch["kind"] {
  if (ended?.t.connected === null) return "connect";
  return ended?.t.first_event !== null && ended?.outcome === "completed" ? "stream" : "wait";
}

/** The silence that the totals of the run count takes the place of what else happened meanwhile, which is nothing. */
function withSilence(
  stretches: readonly Stretch[],
  { silentMs, silentFromMs }: ChainAttempt,
  offset: number,
): Stretch[] {
  const last = stretches.at(-1);
  if (silentFromMs === undefined || last === undefined) return [...stretches];
  const start = Math.min(Math.max(offset, offset + silentFromMs), last.end);
  const end = Math.min(start + silentMs, last.end);
  return [
    ...stretches.map((stretch) => ({ ...stretch, end: Math.min(stretch.end, start) })),
    { kind: "silence", name: "silence", start, end } as const,
    ...stretches.map((stretch) => ({ ...stretch, start: Math.max(stretch.start, end) })),
  ].filter((stretch) => stretch.end - stretch.start >= NOTHING_MS);
}

/** A remainder of rounding. */
const NOTHING_MS = 0.5;

/** The bar in words. */
export function barText(stretches: readonly Stretch[]): string {
  return stretches.map(({ name, start, end }) => `${name} ${duration(end - start)}`).join(", ");
}
