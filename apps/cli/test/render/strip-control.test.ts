import { expect, test } from "vitest";
import { stripControl, stripToOneLine } from "../../src/render/strip-control.ts";

test.each([
  ["plain\ttext\nwith lines", "plain\ttext\nwith lines"],
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007after", "after"],
  ["\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["over\rwrite\b\b", "overwrite"],
  ["bell\u0007 c1\u009b2J del\u007f", "bell c1"],
  ["rm \u202ecod.tset\u202c \u2066x\u2069", "rm cod.tset x"],
  ["grüße 🎉 東京", "grüße 🎉 東京"],
])("[cli/untrusted-text] %j loses what a terminal would obey", (text, plain) => {
  const stripped = stripControl(text);
  expect(stripped.startsWith(plain)).toBe(true);
  expect(stripped).not.toMatch(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u);
});

test("a sequence that is cut between two pieces does nothing either", () => {
  expect(stripControl("a\u001b") + stripControl("[31mb")).toBe("a[31mb");
});

test("on one line every run of blanks is one space", () => {
  expect(stripToOneLine(" a\n\n b\u001b[1m\tc ")).toBe("a b c");
});
