import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readPage } from "../src/page.ts";
import { requirementProblems, rowsWithoutRequirement } from "../src/problems.ts";
import { readRequirements, readRequirementTags, testedFolders } from "../src/requirements.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("requirement manifests", () => {
  test.each(testedFolders(root))(
    "every requirement of %s has a test and every tag a requirement",
    (folder) => {
      const tags = folder.endsWith("repo-checks") ? [] : readRequirementTags(root, folder);
      expect(requirementProblems(readRequirements(root, folder), tags)).toEqual([]);
    },
  );

  test.each(["docs/behavior/api.md", "docs/behavior/core.md", "docs/behavior/protocol.md"])(
    "every case of %s is a requirement",
    (path) => {
      const { rows } = readPage(readFileSync(join(root, path), "utf8"));
      const all = testedFolders(root).flatMap((folder) => readRequirements(root, folder));
      expect(rowsWithoutRequirement(path, rows, all)).toEqual([]);
    },
  );

  test("finds cases without a requirement", () => {
    const claims = [
      { id: "a/1", behaviour: "b", source: "docs/behavior/x.md row C1, 2; docs/rules.md 4" },
      { id: "a/2", behaviour: "b", source: "docs/behavior/y.md row C2" },
    ];
    // A row that has no letter is a line of some other table.
    expect(rowsWithoutRequirement("docs/behavior/x.md", ["C1", "C2", "400"], claims)).toEqual([
      "C2",
    ]);
  });

  test("finds requirements without tests, unknown tags and hidden gaps", () => {
    const claim = { behaviour: "b", source: "s" };
    const gap = { issue: 6, reason: "r" };
    const problems = requirementProblems(
      [
        { id: "a/1", ...claim },
        { id: "a/2", ...claim },
        { id: "a/3", ...claim, gap },
        { id: "a/4", ...claim },
      ],
      [
        { id: "a/1", file: "f", isExpectedFailure: false },
        { id: "a/3", file: "f", isExpectedFailure: false },
        { id: "a/4", file: "f", isExpectedFailure: true },
        { id: "a/9", file: "f", isExpectedFailure: false },
      ],
    );
    expect(problems).toEqual([
      "a/2 has no test that names it",
      "a/3 is listed as a gap but a test expects it to work",
      "a/4 is tested as an expected failure but not listed as a gap",
      "f: [a/9] is in no requirements.json",
    ]);
  });
});
