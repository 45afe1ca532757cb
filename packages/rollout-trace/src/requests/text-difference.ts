import { compareUtf8 } from "../json/compare-utf8.ts";
import type { JsonNode } from "../json/node.ts";
import { parseExactJson } from "../json/parse-exact.ts";
import { printSorted } from "../json/print.ts";

/** The first place where two JSON texts differ, objects compared with their keys sorted. */
export interface TextDifference {
  /** JSON pointer (RFC 6901) of the value that differs, or of the member or element that only one side has. */
  readonly pointer: string;
  /** Bytes of UTF-8 that the two values share at their beginning: of a string its content, else its JSON. */
  readonly byteOffset: number;
  readonly before: Excerpt;
  readonly after: Excerpt;
}

/** The surroundings of a difference on one line. */
export interface Excerpt {
  /** At most 60 characters; what cannot be seen is escaped. `undefined` when the side has no such value. */
  readonly text: string | undefined;
  /** Column of the first difference in `text`. */
  readonly column: number;
}

/** Compares two texts; `undefined` when they say the same. A text that is no JSON is compared as it stands. */
export function textDifference(
  before: string | undefined,
  after: string | undefined,
  pointer = "",
): TextDifference | undefined {
  if (before === after) return undefined;
  return nodeDifference(nodeOf(before), nodeOf(after), pointer);
}

type MaybeNode = JsonNode | undefined;

function nodeOf(text: string | undefined): MaybeNode {
  if (text === undefined) return undefined;
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

function nodeDifference(
  before: MaybeNode,
  after: MaybeNode,
  pointer: string,
): TextDifference | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      const found = nodeDifference(before[index], after[index], `${pointer}/${index}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (before instanceof Map && after instanceof Map) {
    for (const key of [...new Set([...before.keys(), ...after.keys()])].toSorted(compareUtf8)) {
      const inside = `${pointer}/${escapeKey(key)}`;
      const found = nodeDifference(before.get(key), after.get(key), inside);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [left, right] = [shownText(before), shownText(after)];
  const isSameKind = (typeof before === "string") === (typeof after === "string");
  if (left === right && isSameKind) return undefined;
  const shared = isSameKind ? sharedLength(left ?? "", right ?? "") : 0;
  return {
    pointer,
    byteOffset: new TextEncoder().encode((left ?? right ?? "").slice(0, shared)).length,
    before: excerptAt(left, shared),
    after: excerptAt(right, shared),
  };
}

function shownText(node: MaybeNode): string | undefined {
  return node === undefined || typeof node === "string" ? node : printSorted(node);
}

function sharedLength(left: string, right: string): number {
  const longest = Math.min(left.length, right.length);
  let length = 0;
  while (length < longest && left.charCodeAt(length) === right.charCodeAt(length)) length += 1;
  // Not between the halves of a pair, whose bytes are one character.
  const last = left.charCodeAt(length - 1);
  return length > 0 && last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
}

const EXCERPT_CHARACTERS = 60;
const CHARACTERS_BEFORE = 24;
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- these are what must not reach a terminal
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/g;

function excerptAt(text: string | undefined, at: number): Excerpt {
  if (text === undefined) return { text, column: 0 };
  const start = Math.max(0, at - CHARACTERS_BEFORE);
  const lead = visible(text.slice(start, at));
  const rest = visible(text.slice(at, start + EXCERPT_CHARACTERS));
  return { text: (lead + rest).slice(0, EXCERPT_CHARACTERS), column: lead.length };
}

/** Characters that cannot be seen as JSON escapes. Halves of pairs go with them, so that columns are columns. */
function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
