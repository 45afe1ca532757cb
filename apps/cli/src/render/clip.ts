import { stripToOneLine } from "./strip-control.ts";

/** Enough for any id a server makes for people to look up. */
const MAX_ID_LENGTH = 200;
/** Enough for any message; a server may send megabytes. */
const MAX_LINE_LENGTH = 4000;

/** Leaves room for what follows. */
const MAX_PART_LENGTH = 2500;

/** An id or a name for a person, on one line: a server that sends a longer one does not get the whole screen. */
export function clipId(text: string): string {
  return clip(stripToOneLine(text), MAX_ID_LENGTH);
}

/** One line for a person. */
export function clipLine(text: string): string {
  return clip(text, MAX_LINE_LENGTH);
}

/** A text as a part of a line, on which other facts follow: they stay on it. */
export function clipPart(text: string): string {
  return clip(stripToOneLine(text), MAX_PART_LENGTH);
}

function clip(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // A cut through a pair of surrogates leaves half a character.
  return `${text.slice(0, maxLength).toWellFormed()}… (${text.length} characters)`;
}
