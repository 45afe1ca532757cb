import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsePatch, PatchStream } from "@codex-ts/apply-patch";
import { errorOf, patchOf } from "../support/patch-text.ts";

const TEXT = patchOf(
  "*** Add File: a",
  "+é😀",
  "*** Update File: b",
  "*** Move to: c",
  "@@ x",
  "-y",
  "+z",
);

test("[apply-patch/P6] a streamed patch shows the hunks of its complete lines", () => {
  const stream = new PatchStream();
  stream.push("*** Begin Patch\n*** Add File: a\n+on");
  expect(stream.hunks).toEqual([{ type: "add", path: "a", content: "" }]);
  stream.push("e\n+tw");
  expect(stream.hunks).toEqual([{ type: "add", path: "a", content: "one\n" }]);
  expect(stream.hasEnded).toBe(false);
  stream.push("o\n*** End Patch");
  expect(stream.hasEnded).toBe(true);
});

test("[apply-patch/P6] cut anywhere, it comes to the hunks of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
      const stream = new PatchStream();
      const places = [0, ...cuts.toSorted((one, other) => one - other), TEXT.length];
      for (const [index, end] of places.entries())
        stream.push(TEXT.slice(places[index - 1] ?? 0, end));
      expect(stream.hunks).toEqual(parsePatch(TEXT).hunks);
      expect(stream.hasEnded).toBe(true);
    }),
  );
});

test("[apply-patch/P6] a line that cannot be part of a patch is an error when it is complete", async () => {
  const stream = new PatchStream();
  stream.push("*** Begin Patch\nno");
  expect(await errorOf(() => stream.push("\n"))).toMatchObject({ code: "invalid_patch", line: 2 });
});
