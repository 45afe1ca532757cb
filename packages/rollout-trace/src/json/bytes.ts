/** The two things done to bytes in bulk. A platform with faster ways passes its own. */
export interface ByteOperations {
  /** Whether `length` bytes are the same, starting at the given offsets. Both ranges exist. */
  equal(
    left: Uint8Array,
    leftStart: number,
    right: Uint8Array,
    rightStart: number,
    length: number,
  ): boolean;
  /** Decodes UTF-8 and throws a `SyntaxError` when it is not valid. A byte order mark stays in the text. */
  decode(bytes: Uint8Array, start: number, end: number): string;
}

/** A copy with memory of its own, also of a Node `Buffer`, whose `slice` is a view. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** All of them in a row, in memory of their own. */
export function concatenateBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Works on every platform. */
export function portableByteOperations(): ByteOperations {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    equal: equalBytes,
    decode(bytes, start, end) {
      try {
        return decoder.decode(bytes.subarray(start, end));
      } catch {
        throw new SyntaxError("not valid utf-8");
      }
    },
  };
}

/** Four bytes at a time, then the rest: views do not need aligned offsets. */
function equalBytes(
  left: Uint8Array,
  leftStart: number,
  right: Uint8Array,
  rightStart: number,
  length: number,
): boolean {
  const a = new DataView(left.buffer, left.byteOffset + leftStart, length);
  const b = new DataView(right.buffer, right.byteOffset + rightStart, length);
  const wordsEnd = length - (length % 4);
  for (let at = 0; at < wordsEnd; at += 4)
    if (a.getInt32(at, true) !== b.getInt32(at, true)) return false;
  for (let at = wordsEnd; at < length; at += 1) if (a.getUint8(at) !== b.getUint8(at)) return false;
  return true;
}
