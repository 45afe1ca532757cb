import { expect, test } from "vitest";
import { unifiedDiff } from "@codex-ts/apply-patch";

test.each([
  [
    "a change with context",
    "alpha\nbeta\ngamma\n",
    "alpha\nBETA\ngamma\n",
    "@@ -1,3 +1,3 @@\n alpha\n-beta\n+BETA\n gamma\n",
  ],
  ["nothing", "a\n", "a\n", ""],
  ["a first line", "a\n", "x\na\n", "@@ -1 +1,2 @@\n+x\n a\n"],
  ["to an empty file", "", "x\n", "@@ -0,0 +1 @@\n+x\n"],
  ["from an only line", "x\n", "", "@@ -1 +0,0 @@\n-x\n"],
  ["a missing line end", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"],
  [
    "places far from each other",
    "a\nb\nc\nd\ne\n",
    "A\nb\nc\nd\nE\n",
    "@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -4,2 +4,2 @@\n d\n-e\n+E\n",
  ],
  [
    "places near each other",
    "a\nb\nc\nd\n",
    "A\nb\nc\nD\n",
    "@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n-d\n+D\n",
  ],
])("[apply-patch/D1] %s", (_, before, after, expected) => {
  expect(unifiedDiff(before, after, { contextLines: 1 })).toBe(expected);
});

test("[apply-patch/D2] texts that have nothing in common do not keep it busy", () => {
  const text = (prefix: string): string =>
    Array.from({ length: 60_000 }, (_, index) => `${prefix}${index}\n`).join("");
  expect(unifiedDiff(text("a"), text("b"))).toMatch(/^@@ -1,60000 \+1,60000 @@\n-a0\n/);
});
