import type { PayloadReference } from "../format/payload.ts";
import type { RawTraceEvent } from "../format/raw-event.ts";
import { isValueDeeper } from "../json/nesting.ts";
import { partsText } from "./part-list-text.ts";

/** Codex's reader gives up at 128 levels. */
const MAX_LEVELS = 120;
const INDENTATION = 2;

/**
 * The JSON of a payload file: indented, and such that every JSON reader takes it. Throws for what JSON cannot express
 * and for values nested deeper than readers go.
 */
export function toPayloadText(value: unknown): string {
  const text = JSON.stringify(value, null, INDENTATION) ?? "null";
  // A line break is never part of a string here, so the indentation of a line is its level.
  if (text.includes(`\n${" ".repeat(INDENTATION * MAX_LEVELS)}`)) {
    throw new RangeError("value is nested too deep");
  }
  return toWellFormed(text);
}

/** The same without indentation, as records of shards have it. */
export function toRecordText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  // What was printed has no circles.
  if (isValueDeeper(value, MAX_LEVELS)) throw new RangeError("value is nested too deep");
  return toWellFormed(text);
}

/** The JSON of a list of strings, as such records have it. */
export function toStringListText(strings: readonly string[]): string {
  return toWellFormed(JSON.stringify(strings));
}

/** The JSON of one line of the log. */
export function toLineText(event: RawTraceEvent): string {
  const { payload } = event;
  if (payload.type !== "inference_started") return toWellFormed(JSON.stringify(event));
  // The lists of parts make nearly all of the line, and nearly all of them was printed before.
  const lists: string[] = [];
  const printed = JSON.stringify(event, (name, value: unknown) => {
    if (name !== "parts") return value;
    lists.push(partsText(value as readonly PayloadReference[]));
    return [];
  });
  const text = toWellFormed(printed);
  let line = "";
  let end = 0;
  for (const list of lists) {
    const start = text.indexOf(EMPTY_PARTS, end) + EMPTY_PARTS.length - 1;
    line += text.slice(end, start) + list;
    end = start;
  }
  return line + text.slice(end);
}

/** In JSON of which no string holds it: quotes inside of strings are escaped. */
const EMPTY_PARTS = '"parts":[]';

/**
 * Puts a replacement character for each half of a surrogate pair that stands alone, as text that was cut by length may
 * end in. `JSON.stringify` escapes them, and Codex's reader refuses the file for it.
 */
function toWellFormed(text: string): string {
  if (!text.includes(String.raw`\ud`)) return text;
  // Escapes are taken whole, so that an escaped backslash before "ud…" is not mistaken for one of these.
  return text.replaceAll(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/g, (escape) =>
    escape.length > 2 ? "\uFFFD" : escape,
  );
}
