import type { Place } from "./rules-error.ts";
import { rulesError } from "./rules-error.ts";

/** A token of a rules file. */
export interface Token {
  readonly type: "string" | "name" | "number" | "sign" | "newline" | "end";
  /** The value of a string, the text of any other token. */
  readonly text: string;
  readonly place: Place;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+/y;
const BLANK = /[ \t\r]+|\\\r?\n|#[^\n]*/y;
const OPENING = /[rR]?("""|'''|"|')/y;
const SIGNS: ReadonlySet<string> = new Set(["(", ")", "[", "]", ",", "=", "+", ";"]);
/** Strings of these kinds hold expressions, or bytes. */
const OTHER_STRING = /(?:[fF][rR]?|[rR]?[bB][rR]?)["']/y;

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};
const CODE_ESCAPES = /x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}/y;

/** Cuts a rules file into tokens. Line ends inside of brackets are none. Throws `RulesError`. */
export class Tokenizer {
  readonly #text: string;
  readonly #path: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #depth = 0;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  next(): Token {
    const isLineStart = this.#at === this.#lineStart;
    this.#skipBlanks();
    const place = this.place;
    const character = this.#text[this.#at];
    if (character === undefined) return { type: "end", text: "", place };
    if (character === "\n") {
      this.#newLine(this.#at + 1);
      this.#at = this.#lineStart;
      return this.#depth > 0 ? this.next() : { type: "newline", text: "\n", place };
    }
    if (isLineStart && this.#depth === 0 && place.column > 1) {
      throw rulesError(place, "a statement must not be indented");
    }
    if (this.#match(OTHER_STRING) !== undefined) {
      throw rulesError(place, "strings with `f` or `b` before them are not understood here");
    }
    const opening = this.#match(OPENING);
    if (opening !== undefined) return this.#string(opening, place);
    const name = this.#match(NAME);
    if (name !== undefined) return this.#take("name", name, place);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#take("number", number, place);
    if (!SIGNS.has(character)) {
      throw rulesError(place, `\`${character}\` is not understood here`);
    }
    if (character === "(" || character === "[") this.#depth += 1;
    if (character === ")" || character === "]") this.#depth = Math.max(0, this.#depth - 1);
    return this.#take("sign", character, place);
  }

  get place(): Place {
    return { path: this.#path, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #take(type: Token["type"], text: string, place: Place): Token {
    this.#at += text.length;
    return { type, text, place };
  }

  #skipBlanks(): void {
    for (let blank = this.#match(BLANK); blank !== undefined; blank = this.#match(BLANK)) {
      this.#at += blank.length;
      if (blank.endsWith("\n")) this.#newLine(this.#at);
    }
  }

  #newLine(start: number): void {
    this.#line += 1;
    this.#lineStart = start;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #string(opening: string, place: Place): Token {
    const isRaw = /^[rR]/.test(opening);
    const quote = isRaw ? opening.slice(1) : opening;
    this.#at += opening.length;
    const parts: string[] = [];
    for (;;) {
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length;
        return { type: "string", text: parts.join(""), place };
      }
      const character = this.#text[this.#at];
      if (character === undefined || (character === "\n" && quote.length === 1)) {
        throw rulesError(place, "a string has no end");
      }
      if (character === "\\") parts.push(isRaw ? this.#rawEscape() : this.#escape());
      else {
        this.#at += 1;
        if (character === "\n") this.#newLine(this.#at);
        parts.push(character);
      }
    }
  }

  #rawEscape(): string {
    const text = this.#text.slice(this.#at, this.#at + 2);
    this.#at += text.length;
    if (text.endsWith("\n")) this.#newLine(this.#at);
    return text;
  }

  #escape(): string {
    const { place } = this;
    this.#at += 1;
    const code = this.#match(CODE_ESCAPES);
    if (code !== undefined) {
      this.#at += code.length;
      const point = Number.parseInt(code.slice(1), 16);
      const isCharacter = point <= 0x10_ffff && !(point >= 0xd800 && point <= 0xdfff);
      if (!isCharacter) throw rulesError(place, `\`\\${code}\` is no character`);
      return String.fromCodePoint(point);
    }
    const character = this.#text[this.#at] ?? "";
    const simple = Object.hasOwn(SIMPLE_ESCAPES, character) ? SIMPLE_ESCAPES[character] : undefined;
    // What is no escape stays as it is, as in Codex.
    if (simple === undefined) return "\\";
    this.#at += 1;
    if (character === "\n") this.#newLine(this.#at);
    return simple;
  }
}
