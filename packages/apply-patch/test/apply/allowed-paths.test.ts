import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { applyPatch } from "@codex-ts/apply-patch";
import { temporaryDirectory } from "@codex-ts/test-support";
import { readFiles, writeFiles } from "../support/files.ts";
import { errorOf, patchOf } from "../support/patch-text.ts";

/** A project with a directory beside it, and ways out of it. */
async function startProject(): Promise<AsyncDisposable & { path: string; roots: string[] }> {
  const directory = await temporaryDirectory();
  await writeFiles(directory.path, {
    "project/f": "a\n",
    "project/.git/config": "a\n",
    "project/sub/.git/config": "a\n",
    "project/out": "-> ../outside",
    "project/file": "-> ../outside/f",
    "project/dangling": "-> ../outside/new",
    "project/git": "-> .git",
    "project/inside": "-> f",
    "outside/f": "a\n",
    "project2/f": "a\n",
  });
  return Object.assign(directory, { roots: [join(directory.path, "project")] });
}

describe("a patch that may write a project only", () => {
  test.each([
    "../outside/new",
    "sub/../../outside/new",
    "../project2/f",
    "/outside",
    ".git/hooks/pre-commit",
    "sub/.git/config",
    ".git",
    ".",
    "..",
  ])("[apply-patch/R1] is refused for %s as it is written", async (path) => {
    await using project = await startProject();
    const before = await readFiles(project.path);
    const options = {
      directory: join(project.path, "project"),
      roots: project.roots,
      protectedNames: [".git"],
    };
    const hunks = [
      [`*** Add File: ${path}`, "+x"],
      ["*** Update File: f", `*** Move to: ${path}`, "-a", "+A"],
    ];
    for (const hunk of hunks) {
      const patch = patchOf("*** Add File: n", "+x", ...hunk);
      const error = await errorOf(() => applyPatch(patch, options));
      expect(error).toMatchObject({ code: "path_not_allowed" });
      expect(await readFiles(project.path)).toEqual(before);
    }
  });

  test.each(["out/new", "out/deep/new", "file", "dangling", "git/hooks/pre-commit", "out/f"])(
    "[apply-patch/R2] fails where %s leads out through a link, and nothing is written",
    async (path) => {
      await using project = await startProject();
      const before = await readFiles(project.path);
      const options = {
        directory: join(project.path, "project"),
        roots: project.roots,
        protectedNames: [".git"],
      };
      const hunks = [
        [`*** Add File: ${path}`, "+x"],
        ["*** Update File: f", `*** Move to: ${path}`, "-a", "+A"],
        ...(path === "out/f" ? [[`*** Delete File: ${path}`]] : []),
      ];
      for (const hunk of hunks) {
        const patch = patchOf("*** Add File: n", "+x", ...hunk);
        expect(await errorOf(() => applyPatch(patch, options))).toMatchObject({
          code: "write_failed",
        });
        expect(await readFiles(project.path)).toEqual(before);
      }
    },
  );

  test("[apply-patch/R3] writes what is in it, also through links that stay in it, and removes links that lead out", async () => {
    await using project = await startProject();
    const options = {
      directory: join(project.path, "project"),
      roots: project.roots,
      protectedNames: [".git"],
    };
    await applyPatch(
      patchOf(
        "*** Update File: inside",
        "-a",
        "+A",
        "*** Delete File: file",
        "*** Add File: new/x",
        "+x",
      ),
      options,
    );
    const files = await readFiles(project.path);
    expect(files).toMatchObject({ "project/f": "A\n", "outside/f": "a\n", "project/new/x": "x\n" });
    expect(files).not.toHaveProperty("project/file");
  });

  test("[apply-patch/R3] knows a root by the place it leads to", async () => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, "real"));
    await writeFiles(directory.path, { root: "-> real" });
    const root = join(directory.path, "root");
    await applyPatch(patchOf("*** Add File: f", "+x"), { directory: root, roots: [root] });
    expect(await readFiles(join(directory.path, "real"))).toEqual({ f: "x\n" });
  });
});

test("[apply-patch/R4] a pipe is neither waited for nor written", async () => {
  await using directory = await temporaryDirectory();
  await promisify(execFile)("mkfifo", [join(directory.path, "pipe")]);
  for (const hunk of [["*** Update File: pipe", "+x"], ["*** Delete File: pipe"]]) {
    const error = await errorOf(() => applyPatch(patchOf(...hunk), { directory: directory.path }));
    expect(error).toMatchObject({ code: "unreadable_file" });
  }
  const error = await errorOf(() =>
    applyPatch(patchOf("*** Add File: pipe", "+x"), { directory: directory.path }),
  );
  expect(error).toMatchObject({ code: "write_failed" });
});
