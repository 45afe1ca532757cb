import type { JsonNode } from "./node.ts";
import { JsonNumber } from "./node.ts";

/** Codex refuses anything nested this deep; one level less passes. */
export const JSON_DEPTH_LIMIT = 128;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- control characters are what JSON strings may not hold
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
/** A bracket or a separator, a string, or a number or word. */
const TOKEN = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/y;
const HEX_QUAD = /[\da-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Parses one JSON text into {@link JsonNode | nodes}, as strictly as Codex: half of a surrogate pair in an
 * escape and nesting of {@link JSON_DEPTH_LIMIT} levels are errors. Throws `SyntaxError`.
 */
export function parseExactJson(text: string, options: ParseExactOptions = {}): JsonNode {
  return new Parser(text, options).document();
}

export interface ParseExactOptions {
  /** Called with each name that an object has twice, and the names of the members that hold the object. */
  readonly onRepeatedName?: (name: string, path: readonly string[]) => void;
  /**
   * Whether a member of the outermost object is passed over: it is then absent from the result, may be nested to any
   * depth and may hold halves of surrogate pairs. The text must be known to be JSON.
   */
  readonly isPassedOver?: (name: string) => boolean;
}

class Parser {
  readonly #text: string;
  readonly #onRepeatedName: ParseExactOptions["onRepeatedName"];
  readonly #isPassedOver: ParseExactOptions["isPassedOver"];
  readonly #path: string[] = [];
  #at = 0;

  constructor(text: string, { onRepeatedName, isPassedOver }: ParseExactOptions) {
    this.#text = text;
    this.#onRepeatedName = onRepeatedName;
    this.#isPassedOver = isPassedOver;
  }

  document(): JsonNode {
    const value = this.#value(1);
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(depth: number): JsonNode {
    this.#space();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      case undefined:
        throw this.#unexpected();
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonNode {
    this.#enter(depth);
    const members = new Map<string, JsonNode>();
    if (this.#take("}")) return members;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected();
      const key = this.#string();
      this.#expect(":");
      if (depth === 1 && this.#isPassedOver?.(key) === true) {
        this.#passOver();
        continue;
      }
      if (this.#onRepeatedName !== undefined && members.has(key))
        this.#onRepeatedName(key, this.#path);
      this.#path.push(key);
      members.set(key, this.#value(depth + 1));
      this.#path.pop();
    } while (this.#take(","));
    this.#expect("}");
    return members;
  }

  #array(depth: number): JsonNode {
    this.#enter(depth);
    const elements: JsonNode[] = [];
    if (this.#take("]")) return elements;
    do elements.push(this.#value(depth + 1));
    while (this.#take(","));
    this.#expect("]");
    return elements;
  }

  /** Finds the end of a value without going into it, however deep it is. */
  #passOver(): void {
    let depth = 0;
    do {
      this.#space();
      TOKEN.lastIndex = this.#at;
      const token = TOKEN.exec(this.#text)?.[0];
      if (token === undefined) throw this.#unexpected();
      this.#at += token.length;
      if (token === "{" || token === "[") depth += 1;
      if (token === "}" || token === "]") depth -= 1;
    } while (depth > 0);
  }

  #enter(depth: number): void {
    if (depth >= JSON_DEPTH_LIMIT) throw new SyntaxError("json is nested too deeply");
    this.#at += 1;
  }

  #string(): string {
    this.#at += 1;
    let result = "";
    for (;;) {
      PLAIN_CHARACTERS.lastIndex = this.#at;
      const plain = PLAIN_CHARACTERS.exec(this.#text)?.[0] ?? "";
      result += plain;
      this.#at += plain.length;
      const stop = this.#text[this.#at];
      this.#at += 1;
      if (stop === '"') return result;
      if (stop !== "\\") throw this.#unexpected();
      result += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? "";
    this.#at += 1;
    if (letter !== "u") {
      const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (character === undefined) throw this.#unexpected();
      return character;
    }
    const first = this.#hexQuad();
    if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
    if (first > 0xdbff || this.#text.slice(this.#at, this.#at + 2) !== "\\u")
      throw new SyntaxError("json string holds half of a surrogate pair");
    this.#at += 2;
    const second = this.#hexQuad();
    if (second < 0xdc00 || second > 0xdfff)
      throw new SyntaxError("json string holds half of a surrogate pair");
    return String.fromCharCode(first, second);
  }

  #hexQuad(): number {
    HEX_QUAD.lastIndex = this.#at;
    const digits = HEX_QUAD.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#unexpected();
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#unexpected();
    this.#at += digits.length;
    if (digits === "-0") return new JsonNumber("0");
    return new JsonNumber(digits.replace(/[eE]([+-]?)/, (_, sign: string) => `e${sign || "+"}`));
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#unexpected();
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`json is broken at character ${this.#at}`);
  }
}
