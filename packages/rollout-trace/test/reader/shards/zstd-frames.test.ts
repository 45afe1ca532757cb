import { zstdCompressSync } from "node:zlib";
import { seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { NotZstdError, ZstdFrames } from "../../../src/reader/shards/zstd-frames.ts";

const SKIPPABLE = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]);
const small = zstdCompressSync("one");
const large = zstdCompressSync(
  Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251)),
);
const checked = zstdCompressSync("two", { params: { 201: 1 } });
const empty = zstdCompressSync("");

/** The frames of some bytes that come in pieces of the given sizes. */
function framesOf(bytes: Uint8Array, sizes: () => number): { frames: Buffer[]; isWhole: boolean } {
  const walker = new ZstdFrames();
  const frames: Buffer[] = [];
  let current: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = sizes();
    for (const piece of walker.push(bytes.subarray(at, at + size))) {
      current.push(piece.bytes);
      if (!piece.endsFrame) continue;
      frames.push(Buffer.concat(current));
      current = [];
    }
    at += size;
  }
  return { frames, isWhole: walker.isBetweenFrames };
}

test.each([
  ["whole", () => 1_000_000],
  ["byte by byte", () => 1],
  ["at random", (random: () => number) => 1 + Math.floor(random() * 400)],
])("[trace/V3-1] frames end where they end, read %s", (_, size) => {
  const all = Buffer.concat([SKIPPABLE, small, large, SKIPPABLE, checked, empty, SKIPPABLE]);
  const random = seededRandom(3);
  const { frames, isWhole } = framesOf(all, () => size(random));
  expect(frames).toEqual([small, large, checked, empty]);
  expect(isWhole).toBe(true);
});

test("[trace/V3-1] bytes that stop anywhere else are no whole frames", () => {
  const parts = [small, SKIPPABLE, checked, empty];
  const all = Buffer.concat(parts);
  const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index)).length);
  ends.push(all.length);
  for (let length = 0; length <= all.length; length += 1)
    expect(framesOf(all.subarray(0, length), () => 7).isWhole, String(length)).toBe(
      ends.includes(length),
    );
});

test.each([
  ["text", Buffer.from("not zstd")],
  ["a wrong byte behind a frame", Buffer.concat([small, Buffer.from([0x28, 0xb6])])],
  ["an older format", Buffer.from([0x27, 0xb5, 0x2f, 0xfd])],
])("%s is refused at once", (_, bytes) => {
  expect(() => framesOf(bytes, () => 1)).toThrow(NotZstdError);
});
