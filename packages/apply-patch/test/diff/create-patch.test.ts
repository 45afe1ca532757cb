import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatch, createPatch, parsePatch, patchText } from "@codex-ts/apply-patch";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import { readFiles, writeFiles } from "../support/files.ts";
import { errorOf, patchOf } from "../support/patch-text.ts";

const line = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "",
    " ",
    "  a",
    "a ",
    "@@ a",
    "*** End Patch",
    "*** End of File",
    "+x",
    "-x",
    "\u201ca\u201d",
    '"a"',
  ),
  fc.string().map((text) => text.replaceAll(/[\r\n]/g, "")),
);
const lines = fc.array(line, { maxLength: 40 });

describe("a patch from two versions", () => {
  test.each(["\n", "\r\n", "\r"])(
    "[apply-patch/D3] makes the one the other, lines ended by %j",
    (ending) => {
      const textOf = (texts: readonly string[]): string =>
        texts.map((text) => text + ending).join("");
      fc.assert(
        fc.property(lines, lines, fc.array(fc.nat(40), { maxLength: 5 }), (one, other, edits) => {
          // Unrelated texts, and texts that differ in a few places.
          const near = edits.reduce(
            (texts, at) => texts.toSpliced(at, at % 2, ...other.slice(0, at % 3)),
            one,
          );
          for (const after of [other, near].map(textOf)) {
            const before = textOf(one);
            // An empty file has no line ends to keep.
            if (before === "" && ending !== "\n") continue;
            const { hunks } = parsePatch(createPatch([{ path: "f", before, after }]));
            const [hunk] = hunks;
            const chunks = hunk?.type === "update" ? hunk.chunks : [];
            expect(hunks.length).toBe(before === after ? 0 : 1);
            expect(before === after ? after : patchText(before, chunks, { path: "f" })).toBe(after);
          }
        }),
        { numRuns: isLongForm ? 20_000 : 300 },
      );
    },
  );

  test("[apply-patch/D3] adds, deletes and moves files and leaves out those that are the same", () => {
    const files = [
      { path: "new", before: undefined, after: "x\n" },
      { path: "gone", before: "x\n", after: undefined },
      { path: "same", before: "x\n", after: "x\n" },
      { path: "moved", before: "x\ny\n", after: "x\ny\n", movePath: "there" },
    ];
    expect(createPatch(files)).toBe(
      `${patchOf(
        "*** Add File: new",
        "+x",
        "*** Delete File: gone",
        "*** Update File: moved",
        "*** Move to: there",
        "@@",
        " x",
      )}\n`,
    );
  });

  test("[apply-patch/D3] has as much context as it takes to be found in the right place", async () => {
    await using directory = await temporaryDirectory();
    const before = "a\nb\nc\nd\n".repeat(50);
    const after = before.replace(/(?<=(?:a\nb\nc\nd\n){30}a\n)b/, "X");
    await writeFiles(directory.path, { f: before });
    await applyPatch(createPatch([{ path: "f", before, after }]), { directory: directory.path });
    expect(await readFiles(directory.path)).toEqual({ f: after });
  });
});

test.each([
  ["a last line without a line end", { path: "f", before: "a\n", after: "b" }],
  ["a new file with CRLF", { path: "f", before: undefined, after: "b\r\n" }],
  ["mixed line ends", { path: "f", before: "a\n", after: "a\nb\r\n" }],
  ["an empty file that moves", { path: "f", before: "", after: "", movePath: "g" }],
  ["a path with a line break", { path: "f\n*** Delete File: g", before: "a\n", after: "b\n" }],
  ["a path with a space at its end", { path: "f ", before: undefined, after: "b\n" }],
])("[apply-patch/D4] %s cannot be expressed, and that is said", async (_, file) => {
  expect(await errorOf(() => createPatch([file]))).toMatchObject({ code: "not_expressible" });
});
