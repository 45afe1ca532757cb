import { seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { Chunker } from "../../src/internal/chunker.ts";

test("pieces have the given sizes in turn, whatever pieces come in", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 50; round += 1) {
    const sizes = Array.from({ length: 3 }, () => 1 + Math.floor(random() * 9));
    const chunker = new Chunker(sizes);
    const input = Buffer.from(Array.from({ length: 100 }, () => Math.floor(random() * 256)));
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < input.length;) {
      const length = 1 + Math.floor(random() * 20);
      pieces.push(...chunker.push(input.subarray(offset, offset + length)));
      offset += length;
    }
    const whole = pieces.length;
    pieces.push(...chunker.flush());
    expect(Buffer.concat(pieces)).toEqual(input);
    for (const [index, piece] of pieces.slice(0, whole).entries()) {
      expect(piece.length).toBe(sizes[index % sizes.length]);
    }
  }
});

test.each([[[]], [[0]], [[1.5]], [[-1]]])("refuses the sizes %j", (sizes) => {
  expect(() => new Chunker(sizes)).toThrow("whole numbers above 0");
});
