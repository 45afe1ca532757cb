import type { PageCompaction } from "@codex-ts/trace-viewer-page/format";

// Made once: `toLocaleString` makes one for each number.
const numbers = new Intl.NumberFormat("en-US");

/** `1,234` */
export function count(value: number): string {
  return numbers.format(value);
}

/** `950`, `12.3k`, `1.2M`: for places where a digit more says nothing. */
export function short(value: number): string {
  if (value < 1000) return String(value);
  if (value < 100_000) return `${(value / 1000).toFixed(1)}k`;
  if (value < 1_000_000) return `${Math.round(value / 1000)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

/** `12 ms`, `1.5 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function lasted(window: {
  readonly started_at_unix_ms: number;
  readonly ended_at_unix_ms: number | null;
}): string | undefined {
  const { started_at_unix_ms: start, ended_at_unix_ms: end } = window;
  return end === null ? undefined : duration(Math.max(0, end - start));
}

/** `2026-11-30 08:30:12.345 UTC`; the number where no calendar knows it. */
export function time(unixMs: number): string {
  const date = new Date(unixMs);
  if (Number.isNaN(date.getTime())) return String(unixMs);
  return date.toISOString().replace("T", " ").replace("Z", " UTC");
}

export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** `3 changed, 2 of them only in the id`; `undefined` for none. */
export function changedText(changed: number, onlyIds: number): string | undefined {
  if (changed === 0) return undefined;
  if (onlyIds === changed) return `${count(changed)} changed: only the id`;
  return `${count(changed)} changed${onlyIds > 0 ? `, ${count(onlyIds)} of them only in the id` : ""}`;
}

/** `compaction, 790 ms` */
export function compactionText({ isFailed, lastedMs, items }: PageCompaction): string {
  return [
    `compaction${isFailed ? " failed" : ""}`,
    ...(lastedMs === undefined ? [] : [duration(lastedMs)]),
    ...(items === undefined ? [] : [`history replaced by ${plural(items, "item")}`]),
  ].join(", ");
}

/** A place in a request, with the number that lists give the item: `item 2 (/input/1/id)` */
export function placeName(pointer: string): string {
  const item = /^\/input\/(\d+)/.exec(pointer)?.[1];
  return item === undefined ? pointer : `item ${Number(item) + 1} (${pointer})`;
}

/** Billionths of a currency with the digits that matter. */
export function money(nano: number): string {
  const value = nano / 1_000_000_000;
  return value.toFixed(value >= 1 ? 2 : 4);
}

/** Tokens of a text, by the rule of thumb of four characters each. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}
