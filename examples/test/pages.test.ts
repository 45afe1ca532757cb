import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** A program of a page: the fence names its file, and a fence of `text` behind it holds what it prints. */
interface ShownProgram {
  readonly file: string;
  readonly source: string;
  readonly output: string | undefined;
}

const PROGRAM = /^```ts (examples\/[\w-]+\.ts)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;

function programsOf(page: string): ShownProgram[] {
  return [...read(page).matchAll(PROGRAM)].map(([, file = "", source = "", output]) => ({
    file,
    source,
    output,
  }));
}

const pages = [
  "README.md",
  ...["guides", "reference"].flatMap((directory) =>
    readdirSync(new URL(`docs/${directory}/`, root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${directory}/${name}`),
  ),
];
const shown = pages.flatMap((page) => programsOf(page).map((program) => ({ page, ...program })));
/** README and guide show the same first program: once is enough. */
const programs = [...new Map(shown.map((program) => [program.file, program])).values()];

describe("programs of pages", () => {
  test.each(shown)("$page shows $file as it is", ({ file, source, output }) => {
    expect(source).toBe(read(file));
    expect(output).toBe(programs.find((program) => program.file === file)?.output);
  });

  test("docs/guides/test-an-agent.md shows the test beside this one as it is", () => {
    const file = "examples/test/tool-call.test.ts";
    expect(read("docs/guides/test-an-agent.md")).toContain(
      `\`\`\`ts ${file}\n${read(file)}\`\`\`\n`,
    );
  });

  test.each(pages.filter((page) => !page.startsWith("docs/reference/")))(
    "%s says what to install for its programs",
    (page) => {
      const installed = new Set(
        [...read(page).matchAll(/npm install ([^\n`]*)/g)]
          .flatMap(([, names = ""]) => names.split(" "))
          .map((name) => name.replace(/(?<=.)@[\d.]+$/, "")),
      );
      const imported = programsOf(page)
        .flatMap(({ source }) => [...source.matchAll(/ from "([^".][^"]*)"/g)])
        .map(([, name = ""]) => packageOf(name))
        .filter((name) => !name.startsWith("node:"));
      expect(imported.filter((name) => !installed.has(name))).toEqual([]);
    },
  );

  // The first one loads the packages; how slow a busy machine is proves nothing.
  test.each(programs)(
    "$file prints what $page says",
    { timeout: 60_000 },
    async ({ file, output }) => {
      expect(await runProgram(fileURLToPath(new URL(file, root)))).toBe(output);
    },
  );

  test("every program is on a page, and none needs a Node that knows `await using`", () => {
    const files = readdirSync(new URL("examples/", root))
      .filter((name) => name.endsWith(".ts") && name !== "vitest.config.ts")
      .map((name) => `examples/${name}`);
    expect(new Set(shown.map(({ file }) => file))).toEqual(new Set(files));
    for (const file of files) expect(read(file)).not.toMatch(/\bawait using\b/);
  });
});

/** `@scope/name/entry` is installed as `@scope/name`. */
function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}
