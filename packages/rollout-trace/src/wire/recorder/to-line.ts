import type { WireEnvelope } from "../records.ts";
import { boundedText, boundedTexts } from "./bounded-text.ts";

/** Longest line, its end included. */
const MAX_LINE_BYTES = 16 * 1024;

/** Of texts of this length, even of control characters alone, a line holds more than a record has. */
const SHORT_TEXT_BYTES = 128;

/** A record before it has its number and time; it has at least its type. */
type Members = Readonly<Record<string, unknown>>;

/**
 * The line of a record. One that is too long loses its error message, then its headers, and says that it was cut; what
 * is too long even then loses what its lists hold, and the rest of its texts: a control character takes six bytes.
 */
export function toLine(envelope: WireEnvelope, record: Members): string {
  const line = print(envelope, record);
  if (fits(line)) return line;
  const shorter = boundedTexts(record);
  for (const cut of [withoutMessage, withoutHeaders, withEmptyLists]) {
    const text = print(envelope, { ...cut(shorter), cut: true });
    if (fits(text)) return text;
  }
  const shortest = boundedTexts(withEmptyLists(shorter), SHORT_TEXT_BYTES);
  return print(envelope, { ...shortest, cut: true });
}

/** The envelope is put before the text: copying the record, only to have two numbers in front, takes longer. */
function print({ seq, at_ms }: WireEnvelope, record: Members): string {
  return `{"seq":${seq},"at_ms":${at_ms},${JSON.stringify(record).slice(1)}\n`;
}

function fits(line: string): boolean {
  return line.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(line) <= MAX_LINE_BYTES;
}

function withoutMessage(record: Members): Members {
  const { error } = record;
  if (typeof error !== "object" || error === null || !("message" in error)) return record;
  return { ...record, error: { ...error, message: boundedText(String(error.message), 100) } };
}

function withoutHeaders(record: Members): Members {
  const { headers, request, ...rest } = withoutMessage(record);
  return {
    ...rest,
    ...(request !== undefined && { request: { ...(request as object), headers: [] } }),
    ...(headers !== undefined && { headers: [] }),
  };
}

/** Members a record must have stay, so that a reader still takes it. */
function withEmptyLists(record: Members): Members {
  const entries = Object.entries(withoutHeaders(record));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? [] : value]),
  );
}
