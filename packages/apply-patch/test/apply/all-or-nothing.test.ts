import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyPatch, type PatchError, verifyPatch } from "@codex-ts/apply-patch";
import { seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { readFiles, writeFiles } from "../support/files.ts";
import { errorOf, patchOf } from "../support/patch-text.ts";

/** Each would be written before the one that fails. */
const GOOD = [
  ["*** Update File: f", "-a", "+A"],
  ["*** Add File: g", "+overwritten, and longer than before"],
  ["*** Add File: new/deep/file", "+x"],
  ["*** Add File: dangling", "+x"],
  ["*** Delete File: old"],
  ["*** Delete File: link"],
  ["*** Update File: h", "*** Move to: moved/h", "+x"],
  ["*** Update File: i", "*** Move to: k", "+x"],
];

const BAD = [
  ["*** Add File: dir", "+x"],
  ["*** Add File: file/under", "+x"],
  ["*** Add File: loop", "+x"],
  ["*** Update File: u", "*** Move to: dir", "+x"],
  [`*** Add File: ${"n".repeat(300)}`, "+x"],
  [`*** Add File: fresh/${"n".repeat(300)}/file`, "+x"],
];

const FILES = {
  f: "a\r\nb",
  g: Buffer.from("\xff\0", "latin1"),
  old: "x",
  link: "-> f",
  dangling: "-> nowhere",
  h: "h\n",
  i: "i\n",
  k: "k\n",
  u: "u\n",
  file: "",
  "dir/x": "",
  loop: "-> loop",
};

describe("a patch that cannot be written", () => {
  test.each(BAD)(
    "[apply-patch/B1] %s leaves every byte, wherever in the patch it stands",
    async (...bad) => {
      const random = seededRandom(7);
      for (let count = 0; count <= GOOD.length; count += 1) {
        await using directory = await temporaryDirectory();
        await writeFiles(directory.path, FILES);
        const before = await readFiles(directory.path);
        const hunks = GOOD.toSorted(() => random() - 0.5).toSpliced(count, 0, bad);
        const error = await errorOf(() =>
          applyPatch(patchOf(...hunks.flat()), { directory: directory.path }),
        );
        expect(error).toMatchObject({ code: "write_failed" });
        expect((error as PatchError).message).toMatch(/^Failed to write file \//);
        expect(await readFiles(directory.path)).toEqual(before);
      }
    },
  );

  test("[apply-patch/B1] two files that change places are refused, and both stay", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n", g: "b\n" });
    const patch = patchOf(
      "*** Update File: f",
      "*** Move to: g",
      "-a",
      "+A",
      "*** Update File: g",
      "*** Move to: f",
      "-b",
      "+B",
    );
    const error = await errorOf(() => applyPatch(patch, { directory: directory.path }));
    expect(error).toMatchObject({ code: "no_match" });
    expect(await readFiles(directory.path)).toEqual({ f: "a\n", g: "b\n" });
  });

  test("[apply-patch/B2] a file that is gone by the time it is to be deleted is named", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n", g: "b\n" });
    const verified = await verifyPatch(patchOf("*** Update File: f", "+x", "*** Delete File: g"), {
      directory: directory.path,
    });
    await rm(join(directory.path, "g"));
    expect(await errorOf(() => verified.apply())).toMatchObject({
      code: "write_failed",
      message: `Failed to delete file ${join(directory.path, "g")}`,
    });
    expect(await readFiles(directory.path)).toEqual({ f: "a\n" });
  });

  test("[apply-patch/B2] a directory in the place of a file is not waited for or removed", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n" });
    const verified = await verifyPatch(patchOf("*** Delete File: f"), {
      directory: directory.path,
    });
    await rm(join(directory.path, "f"));
    await mkdir(join(directory.path, "f"));
    expect(await errorOf(() => verified.apply())).toMatchObject({ code: "write_failed" });
    expect(await readFiles(directory.path)).toEqual({ "f/": "" });
  });
});
