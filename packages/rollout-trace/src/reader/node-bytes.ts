import { Buffer, isUtf8 } from "node:buffer";
import type { ByteOperations } from "../json/bytes.ts";

const REPLACEMENT = "\ufffd";

/** Compares and decodes with Node's native code. */
export function nodeByteOperations(): ByteOperations {
  return {
    equal(left, leftStart, right, rightStart, length) {
      const order = asBuffer(right).compare(
        left,
        leftStart,
        leftStart + length,
        rightStart,
        rightStart + length,
      );
      return order === 0;
    },
    decode(bytes, start, end) {
      const buffer = asBuffer(bytes);
      // UTF-8 is the default, and naming it costs a look-up each time.
      const text = buffer.toString(undefined, start, end);
      // Invalid bytes leave this character behind, so most texts need no second look.
      if (text.includes(REPLACEMENT) && !isUtf8(buffer.subarray(start, end)))
        throw new SyntaxError("not valid utf-8");
      return text;
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
