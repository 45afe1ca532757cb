import { execFileSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readProjectInstructions } from "@codex-ts/core";
import type { ProjectInstructions, ReadProjectInstructionsOptions } from "@codex-ts/core";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";

/** `home/` is the directory of the user's own file, `work/` holds a project. */
type Files = Readonly<Record<string, string | Uint8Array>>;

interface Reading extends Partial<ReadProjectInstructionsOptions> {
  /** By path; `work/.git/HEAD` makes `work` the root of a project. */
  readonly files?: Files;
  /** Links by path, relative to where they are. */
  readonly links?: Readonly<Record<string, string>>;
  /** Anything else that has to be there first. */
  readonly prepare?: (root: string) => unknown;
}

const GIT = { "work/.git/HEAD": "ref: refs/heads/main\n" };

/** Reads in a directory tree of its own; paths come back relative to it. */
async function read({ files = {}, links = {}, prepare, ...options }: Reading): Promise<Result> {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  for (const folder of ["home", "work"]) await mkdir(join(root, folder));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
  await prepare?.(root);
  const result = await readProjectInstructions({
    codexHome: join(root, "home"),
    ...options,
    cwd: join(root, options.cwd ?? "work"),
  });
  const relative = (text: string): string => text.replaceAll(`${root}/`, "");
  return {
    ...result,
    files: result.files.map(relative),
    warnings: result.warnings.map(relative),
  };
}

type Result = ProjectInstructions;

describe("the user's own file", () => {
  test("[core/I1] is trimmed; the override comes first unless it is blank", async () => {
    expect(await read({ files: { "home/AGENTS.md": "\n  Mine. \n\n" } })).toEqual({
      text: "Mine.",
      files: ["home/AGENTS.md"],
      hasProjectFiles: false,
      warnings: [],
    });
    const both = { "home/AGENTS.md": "Mine.", "home/AGENTS.override.md": "Override." };
    expect((await read({ files: both })).text).toBe("Override.");
    const blank = { ...both, "home/AGENTS.override.md": " \n" };
    expect((await read({ files: blank })).text).toBe("Mine.");
  });

  test("[core/I2] stands before the project's, behind a separator, and has no part in its budget", async () => {
    const files = { "home/AGENTS.md": " Mine, at length. \n", "work/AGENTS.md": " Rules.\n" };
    expect(await read({ files, maxProjectBytes: 8 })).toEqual({
      text: "Mine, at length.\n\n--- project-doc ---\n\n Rules.\n",
      files: ["home/AGENTS.md", "work/AGENTS.md"],
      hasProjectFiles: true,
      warnings: [],
    });
  });

  test("is cut at its own limit, with a warning", async () => {
    const result = await read({ files: { "home/AGENTS.md": "123456" }, maxGlobalBytes: 4 });
    expect(result.text).toBe("1234");
    expect(result.warnings).toEqual([
      expect.stringMatching(/^home\/AGENTS\.md: only 4 of 6 bytes/),
    ]);
  });
});

describe("the files of the project", () => {
  test("[core/I3] come from its root down to the working directory, one per directory, as they are", async () => {
    const files = {
      ...GIT,
      "AGENTS.md": "above the root",
      "work/AGENTS.md": "root\n",
      "work/a/AGENTS.md": "hidden",
      "work/a/AGENTS.override.md": "a",
      "work/a/b/AGENTS.md": "b\n",
      "work/a/b/c/AGENTS.md": "below",
    };
    expect(await read({ files, cwd: "work/a/b" })).toEqual({
      text: "root\n\n\na\n\nb\n",
      files: ["work/AGENTS.md", "work/a/AGENTS.override.md", "work/a/b/AGENTS.md"],
      hasProjectFiles: true,
      warnings: [],
    });
  });

  test("without a root only the working directory counts", async () => {
    const files = { "work/AGENTS.md": "above", "work/a/AGENTS.md": "a" };
    expect((await read({ files, cwd: "work/a" })).text).toBe("a");
  });

  test("the root has any of the markers given; without markers it is the working directory", async () => {
    const files = { ...GIT, "work/AGENTS.md": "root", "work/a/.hg": "", "work/a/AGENTS.md": "a" };
    const at = { files, cwd: "work/a" };
    expect((await read(at)).text).toBe("root\n\na");
    expect((await read({ ...at, rootMarkers: [".hg", ".git"] })).text).toBe("a");
    expect((await read({ ...at, rootMarkers: [] })).text).toBe("a");
    const worktree = { "work/.git": "gitdir: elsewhere", "work/AGENTS.md": "root" };
    expect((await read({ files: { ...worktree, "work/a/x": "" }, cwd: "work/a" })).text).toBe(
      "root",
    );
  });

  test("a blank one is left out, and hides the other names of its directory", async () => {
    const files = { ...GIT, "work/AGENTS.override.md": " \n", "work/AGENTS.md": "hidden" };
    expect(await read({ files })).toMatchObject({ text: undefined, files: [], warnings: [] });
    const below = await read({ files: { ...files, "work/a/AGENTS.md": "a" }, cwd: "work/a" });
    expect(below).toMatchObject({ text: "a", files: ["work/a/AGENTS.md"] });
  });

  test("[core/I4] share a budget: the file that crosses it is cut, later ones are left out, both with a warning", async () => {
    const files = { ...GIT, "work/AGENTS.md": "12345678", "work/a/AGENTS.md": "abcdefgh" };
    const at = { files, cwd: "work/a" };
    const cut = await read({ ...at, maxProjectBytes: 10 });
    expect(cut.text).toBe("12345678\n\nab");
    expect(cut.warnings).toEqual([
      expect.stringMatching(/^work\/a\/AGENTS\.md: only 2 of 8 bytes/),
    ]);
    const used = await read({ ...at, maxProjectBytes: 8 });
    expect(used).toMatchObject({ text: "12345678", files: ["work/AGENTS.md"] });
    expect(used.warnings).toHaveLength(1);
    expect(await read({ ...at, maxProjectBytes: 0 })).toMatchObject({ text: undefined });
    const blank = { ...files, "work/AGENTS.md": " ".repeat(8) };
    expect((await read({ ...at, files: blank, maxProjectBytes: 10 })).text).toBe("abcdefgh");
  });

  test("the budget is 32 KiB when nobody says", async () => {
    const { text, warnings } = await read({ files: { "work/AGENTS.md": "x".repeat(40_000) } });
    expect(text).toBe("x".repeat(32_768));
    expect(warnings).toHaveLength(1);
  });

  test("a cut through a character leaves a replacement character", async () => {
    const { text, warnings } = await read({
      files: { "work/AGENTS.md": "abcéx" },
      maxProjectBytes: 4,
    });
    expect(text).toBe("abc\u{FFFD}");
    expect(warnings).toHaveLength(1);
  });

  test("[core/I5] fallback names are tried last, in order; names that lead elsewhere are refused", async () => {
    const files = { "work/C.md": "C", "work/X.md": "X", "Y.md": "Y", "work/sub/Z.md": "Z" };
    const fallbackFilenames = ["../Y.md", "sub/Z.md", "..", " ", "C.md", "X.md"];
    const result = await read({ files, fallbackFilenames });
    expect(result.text).toBe("C");
    expect(result.warnings).toHaveLength(4);
    const named = { ...files, "work/AGENTS.md": "A" };
    expect((await read({ files: named, fallbackFilenames: ["C.md"] })).text).toBe("A");
  });
});

describe("what is no readable file", () => {
  test("[core/I6] links are followed, and a project is found on the path as it is written", async () => {
    const files = {
      ...GIT,
      "work/AGENTS.md": "root",
      "real/.git/HEAD": "x",
      "real/AGENTS.md": "not on the path",
      "real/sub/text.md": "sub",
    };
    const links = { "work/link": "../real/sub", "real/sub/AGENTS.md": "text.md" };
    expect(await read({ files, links, cwd: "work/link" })).toMatchObject({
      text: "root\n\nsub",
      files: ["work/AGENTS.md", "work/link/AGENTS.md"],
    });
  });

  test.each<[string, Reading]>([
    ["a directory", { files: { "work/AGENTS.override.md/x": "" } }],
    ["a link that leads nowhere", { links: { "work/AGENTS.override.md": "absent" } }],
    ["a link to itself", { links: { "work/AGENTS.override.md": "AGENTS.override.md" } }],
    ["a device", { links: { "work/AGENTS.override.md": "/dev/zero" } }],
    [
      "a pipe nobody writes to",
      { prepare: (root) => execFileSync("mkfifo", [join(root, "work", "AGENTS.override.md")]) },
    ],
  ])("%s counts as absent", async (_what, { files, ...reading }) => {
    const result = await read({ ...reading, files: { ...files, "work/AGENTS.md": "A" } });
    expect(result).toMatchObject({ text: "A", files: ["work/AGENTS.md"], warnings: [] });
  });

  test.skipIf(process.getuid?.() === 0)("an unreadable file is a warning", async () => {
    const result = await read({
      files: { "work/AGENTS.md": "A" },
      prepare: (root) => chmod(join(root, "work", "AGENTS.md"), 0o000),
    });
    expect(result).toMatchObject({ text: undefined, files: [] });
    expect(result.warnings).toEqual([expect.stringMatching(/^work\/AGENTS\.md: .*EACCES/)]);
  });

  test("a name the system refuses is a warning, and the rest is read", async () => {
    const fallbackFilenames = ["n".repeat(300)];
    const result = await read({ files: { "home/AGENTS.md": "Mine." }, fallbackFilenames });
    expect(result).toMatchObject({ text: "Mine.", hasProjectFiles: false });
    expect(result.warnings).toEqual([expect.stringMatching(/cannot be read \(ENAMETOOLONG\)/)]);
  });

  test("text that is not UTF-8 is used as far as it goes, with a warning", async () => {
    const bytes = Uint8Array.of(0x61, 0xff, 0x62, 0x0d, 0x0a);
    const result = await read({ files: { "work/AGENTS.md": bytes } });
    expect(result.text).toBe("a\u{FFFD}b\r\n");
    expect(result.warnings).toEqual([expect.stringMatching(/^work\/AGENTS\.md: .*UTF-8/)]);
  });

  test("a working directory that is gone has no instructions", async () => {
    expect(await read({ cwd: "absent/too" })).toMatchObject({ text: undefined, warnings: [] });
  });
});
