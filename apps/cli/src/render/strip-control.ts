import { stripVTControlCharacters } from "node:util";

/**
 * Text of a model, server or file made safe for a terminal: escape sequences and control characters are gone, line
 * breaks and tabs stay. A sequence that is cut by the border of two pieces loses its control character all the same.
 */
export function stripControl(text: string): string {
  // Most text has nothing to strip, and this runs for every delta.
  if (!hasControl(text)) return text;
  return stripVTControlCharacters(text).replaceAll(CONTROL, "");
}

/** The same on one line: every run of blanks and breaks becomes one space. */
export function stripToOneLine(text: string): string {
  return stripControl(text).replaceAll(/\s+/g, " ").trim();
}

/**
 * Every control character but tab and line feed: a carriage return would let text overwrite what stands before it. And
 * what turns the direction of all that follows, so that a command reads as another one.
 */
const CONTROL = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu;

function hasControl(text: string): boolean {
  return text.search(CONTROL) >= 0;
}
