import { parseExactJson } from "./parse-exact.ts";
import { parseStrictJson } from "./parse-strict.ts";
import { printCompact } from "./print.ts";

/** A JSON text without spaces, in its own key order and number text; `undefined` when it is not valid JSON. */
export function compactJson(text: string): string | undefined {
  try {
    // What prints as it was written has lost nothing, and models mostly write it that way.
    if (JSON.stringify(parseStrictJson(text)) === text) return text;
    return printCompact(parseExactJson(text));
  } catch {
    return undefined;
  }
}
