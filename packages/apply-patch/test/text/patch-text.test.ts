import { describe, expect, test } from "vitest";
import { type PatchCompatibility, patchText } from "@codex-ts/apply-patch";
import { chunksOf, errorOf } from "../support/patch-text.ts";

function patched(
  text: string,
  lines: readonly string[],
  compatibility?: PatchCompatibility,
): string {
  return patchText(text, chunksOf(...lines), {
    path: "/f",
    ...(compatibility !== undefined && { compatibility }),
  });
}

describe("where a chunk goes", () => {
  test.each([
    ["the first place in which it stands exactly", "a \na\n", ["-a", "+X"], "a \nX\n"],
    ["a place that differs in white space at the end", "a\t\nb\n", ["-a", "+X"], "X\nb\n"],
    ["a place that differs in white space around", "  a\nb\n", ["-a", "+X"], "X\nb\n"],
    ["white space is Unicode's: U+0085 is", "a\u0085\nb\n", ["-a", "+X"], "X\nb\n"],
    [
      "a place with typographic characters",
      "it\u2019s \u201cx\u201d\u00a0\u2013 y\n",
      ['-it\'s "x" - y', "+X"],
      "X\n",
    ],
    ["below the last one", "a\na\na\n", ["-a", "+X", "@@", "-a", "+Y"], "X\nY\na\n"],
    ["below its context", "a\nf\na\n", ["@@ f", "-a", "+X"], "a\nf\nX\n"],
    ["below its context, found as forgivingly", "a\n f \na\n", ["@@ f", "-a", "+X"], "a\n f \nX\n"],
    ["the end of the file", "a\nb\na\n", ["-a", "+X", "*** End of File"], "a\nb\nX\n"],
    ["the end, where nothing says where else", "a\n\n", ["+X"], "a\n\nX\n"],
    ["the end, even below a context", "a\nb\nc\n", ["@@ a", "+X"], "a\nb\nc\nX\n"],
    ["a place without its empty last line", "a\nb\n", [" a", "-b", "-", "+X"], "a\nX\n"],
    [
      "a place without its empty last line, and one to add less",
      "a\nb\n",
      ["-b", "-", "+X", "+"],
      "a\nX\n",
    ],
    [
      "an empty line that is only in the patch is added",
      "a\nb\n",
      ["-a", "+X", "@@", " ", "+Y"],
      "X\n\nY\nb\n",
    ],
    ["additions to one place follow each other", "a\n", ["+X", "@@", " a", "+Y"], "a\nX\nY\n"],
    ["an empty file", "", ["+X"], "X\n"],
    ["all lines removed", "a\nb\n", ["-a", "-b"], ""],
  ])("[apply-patch/T1] %s", (_, text, lines, expected) => {
    expect(patched(text, lines)).toBe(expected);
  });

  test.each([
    ["no such lines", ["-x", " b"], "Failed to find expected lines in /f:\nx\nb"],
    [
      "only above the last chunk",
      ["-b", "+B", "@@", "-a"],
      "Failed to find expected lines in /f:\na",
    ],
    ["not at the end", ["-a", "*** End of File"], "Failed to find expected lines in /f:\na"],
    [
      "only at an end that is used",
      ["-b", "-c", "@@", "-c", "*** End of File"],
      "Failed to find expected lines in /f:\nc",
    ],
    ["no such context", ["@@ x", "-a"], "Failed to find context 'x' in /f"],
    [
      "longer than the file",
      ["-a", "-b", "-c", "-d"],
      "Failed to find expected lines in /f:\na\nb\nc\nd",
    ],
    ["U+FEFF is no white space", ["-\ufeffa"], "Failed to find expected lines in /f:\n\ufeffa"],
  ])("[apply-patch/T2] nowhere: %s", async (_, lines, message) => {
    const error = await errorOf(() => patched("a\nb\nc\n", lines));
    expect(error).toMatchObject({ code: "no_match", path: "/f", message });
  });
});

describe("what stays as it is", () => {
  test.each([
    ["CRLF", "a\r\nb\r\nc\r\n", "a\r\nX\r\nY\r\nc\r\n"],
    ["a lone CR", "a\rb\rc\r", "a\rX\rY\rc\r"],
    ["new lines end as the first one does", "a\r\nb\nc\n", "a\r\nX\r\nY\r\nc\n"],
    ["a last line gets a line end", "a\nb\nc", "a\nX\nY\nc\n"],
    ["a file without any", "b", "X\nY\n"],
    ["a byte order mark", "\ufeffa\nb\n", "\ufeffa\nX\nY\n"],
    ["NULs", "a\0\nb\n", "a\0\nX\nY\n"],
  ])("[apply-patch/T3] line ends: %s", (_, text, expected) => {
    expect(patched(text, ["-b", "+X", "+Y"])).toBe(expected);
  });

  test("[apply-patch/T4] lines of context, also where they match loosely", () => {
    expect(patched(" a \nb\n\tc\n", [" a", "-b", "+X", " c"])).toBe(" a \nX\n\tc\n");
  });
});

describe("by the rules of 0.140", () => {
  test.each([
    ["new lines end with LF", "a\r\nb\r\n", ["-b", "+X"], "a\r\nX\n"],
    ["a CR is white space of its line", "a\r\nb\r\n", [" a", "-b"], "a\n"],
    ["lines of context become those of the patch", " a \nb\n", [" a", "-b", "+X"], "a\nX\n"],
    ["additions go before an empty last line, which is lost", "a\n\n", ["+X"], "a\nX\n"],
    [
      "the end is looked for above the last chunk, too",
      "a\nb\nc\n",
      ["-b", "-c", "+X", "@@", "-c", "+Y", "*** End of File"],
      "a\nX\n",
    ],
  ])("[apply-patch/T5] %s", (_, text, lines, expected) => {
    expect(patched(text, lines, "0.140")).toBe(expected);
  });
});

test("[apply-patch/T6] a file and a block of equal lines take time in proportion to their lengths", async () => {
  const text = "a\n".repeat(300_000);
  const block = [...Array<string>(20_000).fill("-a"), "-b"];
  expect(await errorOf(() => patched(text, block))).toMatchObject({ code: "no_match" });
});
