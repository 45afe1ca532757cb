import { Buffer, isUtf8 } from "node:buffer";
import type { ByteOperations } from "../json/bytes.ts";

/** Compares and decodes with Node's native code. */
export function nodeByteOperations(): ByteOperations {
  return {
    equal: (left, leftStart, right, rightStart, length) =>
      view(left, leftStart, length).equals(view(right, rightStart, length)),
    decode(bytes, start, end) {
      const range = view(bytes, start, end - start);
      if (!isUtf8(range)) throw new SyntaxError("not valid utf-8");
      return range.toString("utf8");
    },
  };
}

function view(bytes: Uint8Array, start: number, length: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length);
}
