import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Utf8Decoder } from "../../src/stream/utf8-decoder.ts";

/** Bytes cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => Buffer.from(bytes.subarray(sorted[index], end)));
}

/** What a decoder makes of all chunks; `undefined` when it refuses one or ends inside a character. */
function decodeAll(chunks: readonly Buffer[]): string | undefined {
  const decoder = new Utf8Decoder();
  let text = "";
  for (const chunk of chunks) {
    const part = decoder.decode(chunk);
    if (part === undefined) return undefined;
    text += part;
  }
  return decoder.isInsideCharacter ? undefined : text;
}

const anyText = fc.string({ unit: "grapheme", maxLength: 40 });
const anyPlaces = fc.array(fc.nat(200), { maxLength: 8 });

test("any text survives any chunks", () => {
  fc.assert(
    fc.property(anyText, anyPlaces, (text, places) => {
      expect(decodeAll(cut(Buffer.from(text), places))).toBe(text);
    }),
  );
});

test("any bytes are decoded exactly when they are UTF-8", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .tuple(anyText, fc.uint8Array({ maxLength: 2 }), anyText)
      .map(([before, middle, after]) =>
        Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]),
      ),
  );
  fc.assert(
    fc.property(bytes, anyPlaces, (raw, places) => {
      const expected = isUtf8(raw) ? Buffer.from(raw).toString("utf8") : undefined;
      expect(decodeAll(cut(raw, places))).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
