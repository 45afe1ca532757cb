import { chmod, link, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appliedSummary, applyPatch, verifyPatch } from "@codex-ts/apply-patch";
import { temporaryDirectory } from "@codex-ts/test-support";
import { readFiles, writeFiles } from "../support/files.ts";
import { errorOf, patchOf } from "../support/patch-text.ts";

describe("applied to a directory", () => {
  test("[apply-patch/A1] files are added, updated, moved and deleted, and reported in that order", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { gone: "x\n", f: "a\nb\n", from: "a\n" });
    const files = await applyPatch(
      patchOf(
        "*** Delete File: gone",
        "*** Update File: f",
        "-b",
        "+B",
        "*** Update File: from",
        "*** Move to: to/there",
        "-a",
        "+A",
        "*** Add File: new/deep/file",
        "+x",
      ),
      { directory: directory.path },
    );
    expect(appliedSummary(files)).toBe(
      "Success. Updated the following files:\nA new/deep/file\nM f\nM to/there\nD gone\n",
    );
    expect(await readFiles(directory.path)).toEqual({
      f: "a\nB\n",
      "new/": "",
      "new/deep/": "",
      "new/deep/file": "x\n",
      "to/": "",
      "to/there": "A\n",
    });
  });

  test("[apply-patch/A2] a file that is there is overwritten and keeps its mode, its inode and links to it", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a long old text\n", g: "b\n", l: "-> g" });
    await chmod(join(directory.path, "f"), 0o755);
    await link(join(directory.path, "f"), join(directory.path, "hard"));
    await applyPatch(patchOf("*** Add File: f", "+new", "*** Update File: l", "-b", "+B"), {
      directory: directory.path,
    });
    expect(await readFiles(directory.path)).toEqual({
      f: "new\n",
      hard: "new\n",
      g: "B\n",
      l: "-> g",
    });
    expect((await stat(join(directory.path, "f"))).mode & 0o777).toBe(0o755);
  });

  test("[apply-patch/A2] a link is removed, not what it leads to; a dangling one is written through", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n", l: "-> f", m: "-> f", d: "-> nowhere" });
    await applyPatch(
      patchOf(
        "*** Delete File: l",
        "*** Update File: m",
        "*** Move to: moved",
        "-a",
        "+A",
        "*** Add File: d",
        "+x",
      ),
      { directory: directory.path },
    );
    expect(await readFiles(directory.path)).toEqual({
      f: "a\n",
      moved: "A\n",
      d: "-> nowhere",
      nowhere: "x\n",
    });
  });

  test.each([
    ["f", { f: "a\n" }, { f: "A\n" }],
    ["./sub/../f", { f: "a\n" }, { f: "A\n" }],
    ["l", { f: "a\n", l: "-> f" }, { f: "A\n", l: "-> f" }],
    ["f", { f: "-> g", g: "a\n" }, { f: "-> g", g: "A\n" }],
  ])(
    "[apply-patch/A3] a file that is moved onto itself as %s is kept",
    async (to, before, after) => {
      await using directory = await temporaryDirectory();
      await writeFiles(directory.path, before);
      const patch = patchOf("*** Update File: f", `*** Move to: ${to}`, "-a", "+A");
      await applyPatch(patch, { directory: directory.path });
      expect(await readFiles(directory.path)).toEqual(after);
    },
  );

  test("[apply-patch/A1] directories are made as deep as a path goes", async () => {
    await using directory = await temporaryDirectory();
    const path = `${"d/".repeat(100)}f`;
    await applyPatch(patchOf(`*** Add File: ${path}`, "+x"), {
      directory: directory.path,
      roots: [directory.path],
    });
    expect(await readFiles(directory.path)).toMatchObject({ [path]: "x\n" });
  });

  test("[apply-patch/A4] what it will do is known before anything is written", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n", g: "b\n" });
    const { changes } = await verifyPatch(
      patchOf(
        "*** Update File: f",
        "*** Move to: h",
        "-a",
        "+A",
        "*** Delete File: g",
        "*** Add File: n",
      ),
      { directory: directory.path },
    );
    const path = (name: string): string => join(directory.path, name);
    expect(changes).toEqual([
      {
        type: "update",
        path: path("f"),
        movePath: path("h"),
        oldContent: "a\n",
        newContent: "A\n",
      },
      { type: "delete", path: path("g"), content: "b\n" },
      { type: "add", path: path("n"), content: "" },
    ]);
    expect(await readFiles(directory.path)).toEqual({ f: "a\n", g: "b\n" });
  });

  test("[apply-patch/A4] a file that has changed since is patched as it is now", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n" });
    const verified = await verifyPatch(patchOf("*** Update File: f", "-a", "+A"), {
      directory: directory.path,
    });
    await writeFiles(directory.path, { f: "new\na\n" });
    await verified.apply();
    expect(await readFiles(directory.path)).toEqual({ f: "new\nA\n" });
  });

  test("[apply-patch/A5] one file is worked on more than once by the rules of 0.140 only", async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { f: "a\n" });
    const patch = patchOf("*** Update File: f", "-a", "+A", "*** Update File: ./f", "+b");
    expect(await errorOf(() => applyPatch(patch, { directory: directory.path }))).toMatchObject({
      code: "invalid_patch",
      message: `invalid patch: multiple operations target ${join(directory.path, "f")}`,
    });
    await applyPatch(patch, { directory: directory.path, compatibility: "0.140" });
    expect(await readFiles(directory.path)).toEqual({ f: "A\nb\n" });
  });
});

describe("refused before anything is written", () => {
  test.each([
    [
      "*** Update File: none",
      "Failed to read file to update {}/none: No such file or directory (os error 2)",
    ],
    ["*** Delete File: none", "Failed to read {}/none: No such file or directory (os error 2)"],
    ["*** Delete File: f/x", "Failed to read {}/f/x: Not a directory (os error 20)"],
    ["*** Delete File: dir", "Failed to read {}/dir: path `{}/dir` is not a file"],
    ["*** Delete File: loop", "Failed to read {}/loop: Symbolic link loop (os error 40)"],
    [
      `*** Delete File: ${"n".repeat(300)}`,
      `Failed to read {}/${"n".repeat(300)}: Filename too long (os error 36)`,
    ],
    [
      "*** Update File: bytes",
      "Failed to read file to update {}/bytes: invalid utf-8 sequence of 1 bytes from index 1",
    ],
    [
      "*** Delete File: half",
      "Failed to read {}/half: invalid utf-8 sequence of 2 bytes from index 1",
    ],
    ["*** Delete File: cut", "Failed to read {}/cut: incomplete utf-8 byte sequence from index 2"],
    [
      "*** Delete File: surrogate",
      "Failed to read {}/surrogate: invalid utf-8 sequence of 1 bytes from index 0",
    ],
  ])("[apply-patch/A6] %s", async (header, message) => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, {
      f: "a\n",
      "dir/x": "",
      loop: "-> loop",
      bytes: Buffer.from("a\xff\n", "latin1"),
      half: Buffer.from("a\xe2\x80\n", "latin1"),
      cut: Buffer.from("ok\xe2\x80", "latin1"),
      surrogate: Buffer.from("\xed\xa0\x80", "latin1"),
    });
    const before = await readFiles(directory.path);
    const update = header.startsWith("*** Update") ? ["-a"] : [];
    const patch = patchOf("*** Update File: f", "-a", "+A", "*** Add File: n", header, ...update);
    const error = await errorOf(() => applyPatch(patch, { directory: directory.path }));
    expect(error).toMatchObject({
      code: "unreadable_file",
      message: message.replaceAll("{}", directory.path),
    });
    expect(await readFiles(directory.path)).toEqual(before);
  });

  test.each([
    ["*** Update File: large", "-a"],
    ["*** Delete File: large"],
    ["*** Add File: large", "+a"],
  ])("[apply-patch/A6] %s, a file that no memory holds", async (...lines) => {
    await using directory = await temporaryDirectory();
    const large = join(directory.path, "large");
    await writeFile(large, "a\n");
    await truncate(large, 1_000_000_000);
    const before = process.memoryUsage().arrayBuffers;
    const error = await errorOf(() => applyPatch(patchOf(...lines), { directory: directory.path }));
    expect(String(error)).toMatch(/Failed to (?:read .*larger than 268435456 bytes|write file )/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect((await stat(large)).size).toBe(1_000_000_000);
  });

  test("[apply-patch/A6] a path with a NUL", async () => {
    const patch = patchOf("*** Add File: n\0ul", "+x");
    const error = await errorOf(() => applyPatch(patch, { directory: "/tmp" }));
    expect(error).toMatchObject({
      code: "invalid_patch",
      message: "'n\0ul' is invalid on 'linux'",
    });
  });
});
