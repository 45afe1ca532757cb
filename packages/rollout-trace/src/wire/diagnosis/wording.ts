import { plural } from "../../plural.ts";

/** `0.4 s`, `12 s`. */
export function seconds(microseconds: number): string {
  const value = microseconds / 1_000_000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

/** `90 s`, `72 min`, `30 h`. */
export function duration(wholeSeconds: number): string {
  if (wholeSeconds < 120) return `${Math.ceil(wholeSeconds)} s`;
  const minutes = Math.ceil(wholeSeconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

export function events(count: number): string {
  return plural(count, "event");
}

export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

export function tries(count: number): string {
  return count === 1 ? "1 try" : `${count} tries`;
}

const MAX_LISTED = 8;

/** `12`, or where tries differ `12, 15 and 18`; equal ones are named once, long lists are cut. */
export function listed(values: readonly (string | number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined).map(String);
  if (new Set(known).size <= 1) return known[0] ?? "";
  const shown = known.slice(0, MAX_LISTED);
  const rest = known.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Texts that have commas of their own; long lists are cut. */
export function joined(texts: readonly string[]): string {
  const rest = texts.length - MAX_LISTED;
  const shown = texts.slice(0, MAX_LISTED).join("; ");
  return rest > 0 ? `${shown}; and ${rest} more` : shown;
}

/** {@link listed}, each value once: for facts whose order says nothing. */
export function distinctlyListed(values: readonly (string | number | undefined)[]): string {
  return listed([...new Set(values)]);
}

export function inBrackets(text: string | undefined): string {
  return text === undefined || text === "" ? "" : ` (${text})`;
}

export function colon(message: string | undefined): string {
  const text = oneClause(message ?? "");
  return text === "" ? "" : `: ${text}`;
}

const MAX_CLAUSE = 300;

/** A server's words, or those of an error, inside a sentence of ours. */
export function oneClause(message: string): string {
  const text = message
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .replace(/^network error: /, "")
    .replace(/[.!:;,\s]+$/, "");
  const characters = Array.from(text);
  return characters.length > MAX_CLAUSE ? `${characters.slice(0, MAX_CLAUSE).join("")}…` : text;
}
