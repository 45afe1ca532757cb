import { decodeText } from "@codex-ts/api/internal";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

test.each<[string, Uint8Array, string]>([
  ["nothing", Buffer.alloc(0), ""],
  ["UTF-8", Buffer.from("h\u00e4\u20ac"), "h\u00e4\u20ac"],
  ["a mark alone", Buffer.from("\ufeff"), ""],
  ["UTF-8 with a mark", Buffer.from("\ufeffa\r\nb"), "a\r\nb"],
  ["UTF-16LE with a mark", utf16("\ufeffa\u20ac"), "a\u20ac"],
  ["UTF-16BE with a mark", utf16("\ufeffa\u20ac").swap16(), "a\u20ac"],
  ["UTF-16LE of two bytes", utf16("\ufeff"), ""],
  ["a zero byte among others", Buffer.from("one\0two three four"), "one\0two three four"],
])("[api/decode-text] %s is read", (_what, bytes, text) => {
  expect(decodeText(bytes)).toEqual({ text });
});

test.each<[string, Uint8Array, RegExp]>([
  ["UTF-16LE without a mark", utf16("model = 1"), /UTF-16 text without a byte order mark/],
  ["UTF-16BE without a mark", utf16("model = 1").swap16(), /UTF-16 text without a byte order mark/],
  ["UTF-16LE without a mark, not all ASCII", utf16("caf\u00e9 = 1"), /UTF-16 text without/],
  ["half a character of UTF-16", Buffer.from([0xff, 0xfe, 0x41]), /damaged UTF-16LE/],
  ["half a pair of UTF-16", Buffer.from([0xfe, 0xff, 0xd8, 0x00]), /damaged UTF-16BE/],
  ["UTF-32LE", Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), /UTF-32/],
  ["UTF-32BE", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x41]), /UTF-32/],
  ["Latin-1", Buffer.from("one\ntwo\nf\xfcnf", "latin1"), /not UTF-8 text \(line 3\)/],
  ["UTF-8 that is cut", Buffer.from("\u20ac").subarray(0, 2), /not UTF-8 text \(line 1\)/],
])("[api/decode-text] %s is named, and what to do", (_what, bytes, problem) => {
  const decoded = decodeText(bytes);
  expect(decoded).toEqual({ problem: expect.stringMatching(problem) as string });
  expect(decoded).toEqual({ problem: expect.stringMatching(/: save it as UTF-8$/) as string });
});

test("[api/decode-text] text that was encoded is what comes back, whatever it is", () => {
  const text = fc
    .string({ unit: "binary" })
    .filter((each) => !each.startsWith("\ufeff") && !each.includes("\0"));
  fc.assert(
    fc.property(text, (each) => {
      expect(decodeText(utf16(`\ufeff${each}`))).toEqual({ text: each });
      expect(decodeText(Buffer.from(`\ufeff${each}`))).toEqual({ text: each });
    }),
  );
});
