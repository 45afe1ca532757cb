/** Text of a file or a pipe, or what kept it from being read as text; the words fit behind `name: `. */
export type DecodedText = { readonly text: string } | { readonly problem: string };

/**
 * Text that any editor may have saved: UTF-8, or UTF-16 with a byte order mark. The mark is removed. Other bytes are named
 * rather than garbled, so that nobody looks for a mistake in the content.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding = encodingOf(bytes);
  if (encoding === "utf-32") return { problem: `it is UTF-32 text: ${REMEDY}` };
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (encoding === "utf-8" && hasUtf16Zeros(bytes)) {
      return { problem: `it is UTF-16 text without a byte order mark: ${REMEDY}` };
    }
    return { text };
  } catch {
    return { problem: `${invalidBytes(bytes, encoding)}: ${REMEDY}` };
  }
}

const REMEDY = "save it as UTF-8";

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32";

function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe)
    return bytes.length >= 4 && c === 0 && d === 0 ? "utf-32" : "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0 && b === 0 && c === 0xfe && d === 0xff ? "utf-32" : "utf-8";
}

/** Every second byte of English text in UTF-16 is zero, and no text in UTF-8 holds that many. */
function hasUtf16Zeros(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 1024);
  let even = 0;
  let odd = 0;
  for (const [index, byte] of sample.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const [few, many] = [Math.min(even, odd), Math.max(even, odd)];
  return many > 0 && many * 4 >= sample.length && few * 8 <= many;
}

function invalidBytes(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding !== "utf-8")
    return `it is damaged ${encoding === "utf-16le" ? "UTF-16LE" : "UTF-16BE"} text`;
  if (hasUtf16Zeros(bytes)) return "it is UTF-16 text without a byte order mark";
  const line = lineOf(bytes, firstInvalidByte(bytes));
  return `it is not UTF-8 text (line ${line})`;
}

/** Length of the longest valid beginning. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid < invalid) {
    const middle = Math.ceil((valid + invalid) / 2);
    if (isValidBeginning(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle - 1;
  }
  return valid;
}

/** A sequence that the end cuts is not wrong yet. */
function isValidBeginning(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (const byte of bytes.subarray(0, offset)) if (byte === 0x0a) line += 1;
  return line;
}
