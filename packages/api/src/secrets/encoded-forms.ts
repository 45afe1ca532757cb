import { withoutGaps } from "./text-view.ts";

/** Forms in which a server may repeat a credential and which no decoding of its text would undo, in lower case. */
export interface EncodedForms {
  readonly forms: readonly string[];
  /** The rest of them, and of lists of numbers, where only letters and digits count. */
  readonly withoutGaps: readonly string[];
}

export function encodedForms(value: string): EncodedForms {
  const known = formsByValue.get(value);
  if (known !== undefined) return known;
  const forms = [...formsOf(value)].map((form) => form.toLowerCase());
  const bare = [...forms, ...numberForms(value)].map(withoutGaps);
  const made = {
    forms,
    // What is left of a value full of signs may be too short to be looked for.
    withoutGaps: bare.filter((form) => form.length >= MIN_SECRET_CHARACTERS),
  };
  // Every attempt of a thread has the same credentials; the oldest ones go first.
  const [oldest] = formsByValue.keys();
  if (formsByValue.size >= MAX_REMEMBERED && oldest !== undefined) formsByValue.delete(oldest);
  formsByValue.set(value, made);
  return made;
}

/** Shorter values would blank innocent text. */
export const MIN_SECRET_CHARACTERS = 8;

/** Longer values are tokens that a server puts into Base64, if into anything; these forms of them take milliseconds. */
const MAX_PLAYFUL_CHARACTERS = 512;

const MAX_REMEMBERED = 64;
const formsByValue = new Map<string, EncodedForms>();

function* formsOf(value: string): Generator<string> {
  const bytes = Buffer.from(value, "utf8");
  yield value;
  yield value.replaceAll(" ", "+");
  // Names are written so where `-` is not allowed.
  yield value.replaceAll("-", "_");
  yield bytes.toString("hex");
  // Without its last zeros it is also found where the bytes of each word are swapped.
  yield Buffer.from(value, "utf16le").toString("hex").slice(0, -2);
  for (const form of alignedForms(bytes, BASE64)) {
    yield form;
    // The alphabet of URLs.
    yield form.replaceAll("+", "-").replaceAll("/", "_");
  }
  // Where it has other characters than ASCII, they are escaped as bytes, or read as Latin-1.
  if (bytes.length !== value.length) {
    yield encodeURIComponent(value.toWellFormed());
    yield bytes.toString("latin1");
  }
  if (value.length > MAX_PLAYFUL_CHARACTERS) return;
  yield* alignedForms(bytes, BASE32);
  yield Array.from(value).toReversed().join("");
  yield value.replaceAll(/[a-z]/gi, rotated);
}

/** Lists of the codes of its characters. */
function numberForms(value: string): string[] {
  if (value.length > MAX_PLAYFUL_CHARACTERS) return [];
  const codes = [...Buffer.from(value, "utf8")];
  return [
    codes.map((code) => String(code)).join(""),
    codes.map((code) => `0x${code.toString(16).padStart(2, "0")}`).join(""),
    codes.map((code) => code.toString(2).padStart(8, "0")).join(""),
  ];
}

/** An encoding of groups of bytes by characters of a fixed number of bits. */
interface GroupEncoding {
  readonly bitsPerCharacter: number;
  readonly bytesPerGroup: number;
  encode(bytes: Buffer): string;
}

const BASE64: GroupEncoding = {
  bitsPerCharacter: 6,
  bytesPerGroup: 3,
  encode: (bytes) => bytes.toString("base64"),
};

const BASE32_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

const BASE32: GroupEncoding = {
  bitsPerCharacter: 5,
  bytesPerGroup: 5,
  encode(bytes) {
    let text = "";
    let bits = 0;
    let count = 0;
    for (const byte of bytes) {
      bits = ((bits << 8) | byte) & 0xfff;
      count += 8;
      for (; count >= 5; count -= 5) text += BASE32_ALPHABET[(bits >> (count - 5)) & 31] ?? "";
    }
    return text;
  },
};

/**
 * The encoded value wherever it begins in its group: the characters that do not depend on what stands before or behind
 * it. (`user:password` is encoded as a whole.)
 */
function* alignedForms(value: Buffer, encoding: GroupEncoding): Generator<string> {
  const { bitsPerCharacter, bytesPerGroup } = encoding;
  for (let before = 0; before < bytesPerGroup; before += 1) {
    const first = Math.ceil((before * 8) / bitsPerCharacter);
    const end = Math.floor(((before + value.length) * 8) / bitsPerCharacter);
    yield encoding.encode(Buffer.concat([Buffer.alloc(before), value])).slice(first, end);
  }
}

/** ROT13. */
function rotated(letter: string): string {
  const code = letter.charCodeAt(0);
  return String.fromCharCode((code & 31) > 13 ? code - 13 : code + 13);
}
