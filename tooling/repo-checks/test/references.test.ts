import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CitationChecker, citationsIn, danglingIn, sourceProblems } from "../src/citations.ts";
import { lineAt, textFiles } from "../src/files.ts";
import { linkProblems, pathProblems } from "../src/links.ts";
import type { RepositoryFiles } from "../src/links.ts";
import { readPage } from "../src/page.ts";
import { readRequirements, testedFolders } from "../src/requirements.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const files: RepositoryFiles = {
  exists: (path) => existsSync(join(root, path)),
  read: (path) =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined,
};
const checker = new CitationChecker((path) => files.read(path));
/** These name what they look for. */
const OWN_FILES = /^tooling\/repo-checks\//;

describe("references lead somewhere", () => {
  test.each(testedFolders(root))("the sources of the requirements of %s", (folder) => {
    const problems = readRequirements(root, folder).flatMap(({ id, source }) =>
      sourceProblems(source, checker).map((problem) => `${id}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  test.each(["packages", "apps", "tooling"])("sections named in the sources of %s", (directory) => {
    const problems = textFiles(root, directory, ".ts")
      .filter(({ path }) => !OWN_FILES.test(path))
      .flatMap(({ path, text }) => [
        ...citationsIn(text).flatMap((citation) =>
          checker.problemsOf(citation).map((problem) => `${path}: ${problem}`),
        ),
        ...danglingIn(text).map((name) => `${path}: \`${name}\` leads nowhere`),
      ]);
    expect(problems).toEqual([]);
  });

  test("links and files named in pages", () => {
    const problems = textFiles(root, ".", ".md").flatMap((file) => [
      ...linkProblems(file, files),
      ...pathProblems(file, files),
    ]);
    expect(problems).toEqual([]);
  });

  test("pages about behavior number no section and name no row that is cited twice", () => {
    const twice = textFiles(root, "docs/behavior", ".md").flatMap(({ path, text }) => {
      const ids = [...text.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1] ?? "");
      return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${path} ${id}`);
    });
    expect(twice).toEqual([]);
  });

  test("rules and decisions stand in the order of their numbers, each number once", () => {
    const rules = files.read("docs/rules.md")?.matchAll(/^<a id="(\d+)"><\/a>\n\n## \1 /gm) ?? [];
    const decisions = textFiles(root, "docs/decisions", ".md").map(({ path, text }) => {
      const number = /\/(\d{4})-[^/]+$/.exec(path)?.[1] ?? "";
      return text.startsWith(`# ${number}: `) ? Number(number) : path;
    });
    for (const numbers of [[...rules].map(([, number]) => Number(number)), decisions]) {
      expect(numbers.length).toBeGreaterThan(10);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => +one - +other));
    }
  });
});

describe("what the checks find", () => {
  const PAGE = '<a id="1.2"></a>\n\n## 1.2 Some thing\n\n| A1 | x |\n\n- **B2** y\n- **B2** z\n';
  const made: Readonly<Record<string, string>> = { "docs/behavior/page.md": PAGE };
  const small = new CitationChecker((path) => made[path]);

  test("citations, also wrapped ones, with lists and ranges", () => {
    expect(
      citationsIn(
        "/**\n * Source: docs/behavior/page.md\n * 1.2, 1.5-1.8 and row A1. See docs/x.md, 5 times.\n */",
      ),
    ).toEqual([
      { page: "docs/behavior/page.md", references: ["1.2", "1.5-1.8", "row A1"] },
      { page: "docs/x.md", references: [] },
    ]);
  });

  test.each([
    ["docs/behavior/page.md 1.2, row A1", []],
    ["docs/behavior/page.md 1.3", ["docs/behavior/page.md has no section 1.3"]],
    ["docs/behavior/page.md 1.2-1.3", ["docs/behavior/page.md has no section 1.3"]],
    ["docs/behavior/page.md row A2", ["docs/behavior/page.md has 0 rows A2"]],
    ["docs/behavior/page.md row B2", ["docs/behavior/page.md has 2 rows B2"]],
    ["docs/behavior/page.md", ["docs/behavior/page.md is named without a section"]],
    ["docs/other.md 1", ["docs/other.md does not exist"]],
    ["seen in the binaries", ["names no page of the repository"]],
    [
      "docs/behavior/page.md 1.2; spec/page.md 4, issue 2",
      ["`spec/page.md` leads nowhere", "`issue 2` is not in the repository"],
    ],
  ])("source %s", (source, problems) => {
    expect(sourceProblems(source, small)).toEqual(problems);
  });

  test.each([
    "core spec 1.12",
    "api.md section 6",
    "the rollout-trace spec\n * says",
    "spec section 9",
    "(spec 7.1)",
  ])("%s leads nowhere", (comment) => {
    expect(danglingIn(comment)).not.toEqual([]);
  });

  test("links to missing files and headings, and missing paths", () => {
    const page = {
      path: "docs/a.md",
      text: "[b](b.md) [c](behavior/page.md#12-some-thing) [d](behavior/page.md#no) `core/src/no.ts` `docs/behavior/page.md`\n\n```\n[x](y.md)\n```\n",
    };
    const only: RepositoryFiles = { exists: (path) => path in made, read: (path) => made[path] };
    expect([...linkProblems(page, only), ...pathProblems(page, only)]).toEqual([
      "docs/a.md:1: docs/b.md does not exist",
      "docs/a.md:1: docs/behavior/page.md has no #no",
      "docs/a.md:1: core/src/no.ts does not exist",
    ]);
    expect(readPage(PAGE).rows).toEqual(["A1", "B2", "B2"]);
    expect(lineAt("a\nb", 2)).toBe(2);
  });
});
