import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const run = promisify(execFile);

/** A program of a page: the fence names its file, and a fence of `text` behind it holds what it prints. */
interface ShownProgram {
  readonly file: string;
  readonly source: string;
  readonly output: string | undefined;
}

const PROGRAM = /^```ts (examples\/[\w-]+\.ts)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;

function programsOf(page: string): ShownProgram[] {
  const text = readFileSync(new URL(page, root), "utf8");
  return [...text.matchAll(PROGRAM)].map(([, file = "", source = "", output]) => ({
    file,
    source,
    output,
  }));
}

const pages = [
  "README.md",
  ...readdirSync(new URL("docs/guides/", root)).map((name) => `docs/guides/${name}`),
];
const shown = pages.flatMap((page) => programsOf(page).map((program) => ({ page, ...program })));

describe("programs of pages", () => {
  test.each(shown)("$page shows $file as it is", ({ file, source }) => {
    expect(source).toBe(readFileSync(new URL(file, root), "utf8"));
  });

  // A process of its own each: a busy machine takes its time to start it.
  test.each(shown)(
    "$file prints what $page says",
    { timeout: 60_000 },
    async ({ file, output }) => {
      const { stdout } = await run(process.execPath, ["--conditions=@codex-ts/source", file], {
        cwd: fileURLToPath(root),
      });
      expect(stdout).toBe(output);
    },
  );

  test("every program is on a page, and none needs a Node that knows `await using`", () => {
    const files = readdirSync(new URL("examples/", root))
      .filter((name) => name.endsWith(".ts") && name !== "vitest.config.ts")
      .map((name) => `examples/${name}`);
    expect(new Set(shown.map(({ file }) => file))).toEqual(new Set(files));
    for (const file of files)
      expect(readFileSync(new URL(file, root), "utf8")).not.toMatch(/\bawait using\b/);
  });
});
