import { isUtf8 } from "node:buffer";

/** The bytes as text, a byte order mark included. Throws an `Error` that says where they are no UTF-8. */
export function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error(utf8Problem(bytes));
  return bytes.toString("utf8");
}

/** The first place that is no UTF-8, as Codex words it. */
function utf8Problem(bytes: Buffer): string {
  for (let index = 0; index < bytes.length;) {
    const { length, isCharacter } = sequenceAt(bytes, index);
    if (!isCharacter) {
      const isCutOff = index + length >= bytes.length && startsCharacter(bytes[index] ?? 0);
      return isCutOff
        ? `incomplete utf-8 byte sequence from index ${index}`
        : `invalid utf-8 sequence of ${length} bytes from index ${index}`;
    }
    index += length;
  }
  return "invalid utf-8";
}

/** The character at an index; where there is none, the bytes that could have begun one, at least the first. */
function sequenceAt(bytes: Buffer, index: number): { length: number; isCharacter: boolean } {
  const first = bytes[index] ?? 0;
  if (first < 0x80) return { length: 1, isCharacter: true };
  const [count, low, high] = rulesOf(first);
  for (let length = 1; length < count; length += 1) {
    const byte = bytes[index + length];
    const [from, to] = length === 1 ? [low, high] : [0x80, 0xbf];
    if (byte === undefined || byte < from || byte > to) return { length, isCharacter: false };
  }
  return { length: Math.max(count, 1), isCharacter: count > 0 };
}

const startsCharacter = (first: number): boolean => rulesOf(first)[0] > 0;

/** Bytes of the character and the bounds of its second byte, by its first byte; no bytes for one that starts none. */
function rulesOf(first: number): readonly [count: number, low: number, high: number] {
  if (first >= 0xc2 && first <= 0xdf) return [2, 0x80, 0xbf];
  if (first >= 0xe0 && first <= 0xef)
    return [3, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf];
  if (first >= 0xf0 && first <= 0xf4)
    return [4, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf];
  return [0, 0, 0];
}
