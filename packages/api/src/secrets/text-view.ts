import type { Range } from "./form-finder.ts";

/** A text as it would be read after one or more decodings, with the way back to the places of the text itself. */
export class TextView {
  readonly text: string;
  readonly #decoding: Decoding | undefined;
  /** Found again only when they are asked for: in most texts there is nothing to find. */
  #replacements: readonly Replacement[] | undefined;

  constructor(text: string, decoding?: Decoding) {
    this.text = text;
    this.#decoding = decoding;
  }

  /** The range of the text itself that became `[start, end)` here. */
  sourceRange(start: number, end: number): Range {
    if (this.#decoding === undefined) return [start, end];
    const { origin } = this.#decoding;
    return origin.sourceRange(this.#placeOf(start)[0], this.#placeOf(end - 1)[1]);
  }

  /** The view with each match of a global pattern replaced; `undefined` when nothing is. */
  replaced(pattern: RegExp, replace: (match: string) => string): TextView | undefined {
    const text = this.text.replaceAll(pattern, replace);
    return text === this.text ? undefined : new TextView(text, { origin: this, pattern, replace });
  }

  /** Where a character of this view begins and ends in its origin. */
  #placeOf(at: number): Range {
    this.#replacements ??= this.#decoding === undefined ? [] : replacementsOf(this.#decoding);
    // The last replacement that begins at the character or before it.
    let low = 0;
    let high = this.#replacements.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { end = 0, length = 0 } = this.#replacements[middle] ?? {};
      if (end - length <= at) low = middle + 1;
      else high = middle;
    }
    const last = this.#replacements[low - 1];
    if (last === undefined) return [at, at + 1];
    if (at < last.end) return [last.from, last.to];
    const start = last.to + at - last.end;
    return [start, start + 1];
  }
}

/** How a view was made. */
interface Decoding {
  readonly origin: TextView;
  readonly pattern: RegExp;
  readonly replace: (match: string) => string;
}

function replacementsOf({ origin, pattern, replace }: Decoding): Replacement[] {
  let shift = 0;
  return [...origin.text.matchAll(pattern)].map(({ 0: match, index }) => {
    const { length } = replace(match);
    shift += length - match.length;
    const to = index + match.length;
    return { end: to + shift, length, from: index, to };
  });
}

/** A part of a view that stands for `[from, to)` of its origin. */
interface Replacement {
  /** Where it ends in the view. */
  readonly end: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** Decodings of decodings that are followed. */
const MAX_ROUNDS = 4;

/** Ways to read a text. */
export interface Readings {
  /** The text, and what it is once its escapes are undone, again and again. */
  readonly unescaped: readonly TextView[];
  /** Those, and other decodings. */
  readonly decoded: readonly TextView[];
  /** Each of them with its gaps closed. */
  readonly closed: readonly TextView[];
}

export function readingsOf(text: string): Readings {
  const unescaped: TextView[] = [];
  let last: TextView | undefined = new TextView(text);
  for (let round = 0; round <= MAX_ROUNDS && last !== undefined; round += 1) {
    unescaped.push(last);
    last = hasEscapes(last.text) ? last.replaced(ESCAPES, unescapedText) : undefined;
  }
  const decoded = [...unescaped];
  // On its own, because `name=ab` is no escape anywhere else.
  const printable = QUOTED_PRINTABLE.test(text)
    ? unescaped[0]?.replaced(QUOTED_PRINTABLE_ALL, unescapedByte)
    : undefined;
  if (printable !== undefined) decoded.push(printable);
  const closed = decoded.map((view) => view.replaced(GAPS, nothing) ?? view);
  return { unescaped, decoded, closed };
}

function nothing(): string {
  return "";
}

function hasEscapes(text: string): boolean {
  return /[\\%&\uff01-\uff5e]/.test(text);
}

/** Escapes of JSON and programming languages, of URLs, of HTML and XML; and letters of full width. */
const ESCAPES =
  /\\(?:u[0-9a-f]{4}(?<!u0000)|[^\s\w]|x[0-9a-f]{2}|u0000(?:[0-9a-f]{4})?|(?:[ux]\{|N\{U\+)0*[0-9a-f]{1,6}\}|0000[2-7][0-9a-f]|[0-3]?[0-7]{2}|o\{0*[0-7]{1,3}\})|%(?:[0-9a-f]{2}|u[0-9a-f]{4})|&(?:[a-z]{2,8};|#0*[0-9]{1,7};?|#x0*[0-9a-f]{1,6};?)|[\uff01-\uff5e]/gi;
const QUOTED_PRINTABLE = /=(?:[0-9A-F]{2}|\r?\n)/;
const QUOTED_PRINTABLE_ALL = /=(?:[0-9A-F]{2}|\r?\n)/g;
/** All but letters and digits, whether the letters of a value are spaced, lines are broken or looks change within it. */
const GAPS =
  // oxlint-disable-next-line no-control-regex -- terminals know colors by it
  /(?:\u001b|\\u001b|\\x1b)\[[0-9;]*[a-z]|\\[nrt]?|\u001b|(?:[^a-z0-9<\\\u001b]+|<(?:\/?(?:a|b|br|code|em|font|i|li|mark|p|span|strong|td|tt|u|wbr)(?:\s+[a-z-]+=[^<>]*)?\s?\/?>)?)+/gi;

/** A form as it is once gaps are closed. */
export function withoutGaps(form: string): string {
  return form.replaceAll(/[^a-z0-9]+/gi, "");
}

function unescapedText(escape: string): string {
  const code = escape.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  const lower = escape.toLowerCase();
  if (lower.startsWith("&#x")) return characterOf(lower.slice(3), 16, escape);
  if (lower.startsWith("&#")) return characterOf(lower.slice(2), 10, escape);
  if (lower.startsWith("&")) return NAMED_CHARACTERS.get(lower.slice(1, -1)) ?? OTHER_CHARACTER;
  if (lower.startsWith("%u")) return characterOf(lower.slice(2), 16, escape);
  if (lower.startsWith("%")) return characterOf(lower.slice(1), 16, escape);
  if (/^\\[uxn]|^\\0000./.test(lower)) {
    return characterOf(lower.replaceAll(/[^0-9a-f]/g, ""), 16, escape);
  }
  if (lower.startsWith("\\o")) return characterOf(lower.slice(3, -1), 8, escape);
  if (/^\\\d/.test(lower)) return characterOf(lower.slice(1), 8, escape);
  return escape.slice(1);
}

function unescapedByte(escape: string): string {
  return escape.length > 2 && !escape.includes("\n")
    ? characterOf(escape.slice(1), 16, escape)
    : "";
}

/** Of a character, or of a byte: credentials are looked for in both forms. */
function characterOf(digits: string, radix: number, escape: string): string {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
}

/** A letter that ASCII does not have. Where only letters and digits of ASCII count, it is none. */
const OTHER_CHARACTER = "\ufffd";

/** HTML names of the ASCII characters that have one. */
const NAMED_CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: "&",
    apos: "'",
    ast: "*",
    bsol: "\\",
    colon: ":",
    comma: ",",
    commat: "@",
    dollar: "$",
    equals: "=",
    excl: "!",
    grave: "`",
    gt: ">",
    hat: "^",
    lbrack: "[",
    lcub: "{",
    lowbar: "_",
    lpar: "(",
    lt: "<",
    num: "#",
    percnt: "%",
    period: ".",
    plus: "+",
    quest: "?",
    quot: '"',
    rbrack: "]",
    rcub: "}",
    rpar: ")",
    semi: ";",
    sol: "/",
    verbar: "|",
  }),
);
