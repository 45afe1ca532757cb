import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { textFiles } from "../src/files.ts";
import { apiPage } from "../src/pages/api-page.ts";
import { llmsText } from "../src/pages/llms-text.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const packages = readdirSync(join(root, "packages"));

describe("pages", () => {
  test.each(packages)(
    "the list of exports of %s is that of its docstrings: `pnpm pages`",
    (name) => {
      expect(read(`docs/reference/api/${name}.md`)).toBe(apiPage(root, `packages/${name}`));
    },
  );

  test("`llms.txt` is made from the list of pages: `pnpm pages`", () => {
    expect(read("llms.txt")).toBe(llmsText(read("docs/README.md")));
  });

  test("every guide and reference is in the list of pages, with its own title", () => {
    const list = read("docs/README.md");
    for (const { path, text } of ["docs/guides", "docs/reference"].flatMap((directory) =>
      textFiles(root, directory, ".md"),
    )) {
      const title = /^# (.+)$/m.exec(text)?.[1] ?? "";
      const link = `](${path.replace("docs/", "")})`;
      expect(list).toContain(path.includes("/api/") ? link : `[${title}${link}`);
    }
  });

  test.each([
    ["README.md", 90],
    ...packages.map((name) => [`packages/${name}/README.md`, 60] as const),
    ["apps/cli/README.md", 60],
  ] as const)("%s has at most %i lines", (path, most) => {
    expect(read(path).trimEnd().split("\n").length).toBeLessThanOrEqual(most);
  });

  test.each([...packages.map((name) => `packages/${name}/README.md`), "apps/cli/README.md"])(
    "no cell of %s is wider than a line",
    (path) => {
      const cells = read(path)
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .flatMap((line) => line.split("|").map((cell) => cell.trim()));
      expect(cells.filter((cell) => cell.length > 120)).toEqual([]);
    },
  );
});
