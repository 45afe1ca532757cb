import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlainPiece } from "../../src/events/plain-piece.ts";

const TYPE = "response.output_text.delta";

const used = (text: string): unknown => {
  const { type, delta, item_id, output_index } = JSON.parse(text) as Record<string, unknown>;
  return { type, delta, item_id, output_index };
};

const piece = { item_id: "msg_1", output_index: 0, content_index: 0, delta: " word" };

test.each<[string, object]>([
  ["as documented", { ...piece }],
  ["numbered at the end", { ...piece, logprobs: [], obfuscation: "aX9", sequence_number: 5 }],
  ["numbered at the start", { sequence_number: 5, ...piece, logprobs: [] }],
  [
    "sorted by name",
    {
      content_index: 0,
      delta: "é",
      item_id: "msg_1",
      logprobs: [],
      obfuscation: "x",
      output_index: 12,
      sequence_number: 1,
    },
  ],
])("a piece %s is read without JSON.parse", (_order, members) => {
  const text = JSON.stringify({ type: TYPE, ...members });
  expect(readPlainPiece(text)).toEqual(used(text));
});

describe("what is read has what JSON.parse reads, and what is no JSON is never read", () => {
  const name = fc.constantFrom(
    "sequence_number",
    "item_id",
    "output_index",
    "content_index",
    "delta",
    "logprobs",
    "obfuscation",
    "response",
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 16 }) },
    { weight: 4, arbitrary: fc.nat() },
    fc.double(),
    fc.constantFrom(null, [], {}, [1], true, "", " ", 'a"b', "\\", "\n", "\u2028", "\ud800"),
  );
  const members = fc.oneof(
    fc.array(fc.tuple(name, value), { maxLength: 8 }),
    fc.tuple(value, value, value, value).map(([id, output, content, delta]) => [
      ["item_id", id],
      ["output_index", output],
      ["content_index", content],
      ["delta", delta],
    ]),
  );

  test("for members of any kind in any order", () => {
    let read = 0;
    fc.assert(
      fc.property(members, (pairs) => {
        const inner = pairs.map(([key, each]) => `,${JSON.stringify(key)}:${JSON.stringify(each)}`);
        const text = `{"type":"${TYPE}"${inner.join("")}}`;
        const found = readPlainPiece(text);
        if (found === undefined) return;
        read += 1;
        expect(found).toEqual(used(text));
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(0);
  });

  test("for text that is changed anywhere", () => {
    const whole = JSON.stringify({ type: TYPE, sequence_number: 7, ...piece, logprobs: [] });
    let read = 0;
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(2),
        fc.string({ unit: "binary", maxLength: 2 }),
        (at, cut, added) => {
          const text = whole.slice(0, at) + added + whole.slice(at + cut);
          const found = readPlainPiece(text);
          if (found === undefined) return;
          read += 1;
          expect(found).toEqual(used(text));
        },
      ),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
