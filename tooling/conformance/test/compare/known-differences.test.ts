import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { KnownDifferences, readKnownDifferences } from "../../src/compare/known-differences.ts";

function known(field: string, scenario = "*"): KnownDifferences {
  return new KnownDifferences([{ scenario, field, reason: "r", decision: "tool-not-built" }]);
}

function difference(field: string): { field: string; expected: string; actual: string } {
  return { field, expected: "1", actual: "2" };
}

describe("known differences", () => {
  test("[conformance/known-differences] cover the fields they name and nothing else", () => {
    const list = known("requests.*.tools.update_plan");
    const covered = difference("requests.3.tools.update_plan");
    const others = [
      difference("requests.3.tools.update_plan.parameters"),
      difference("requests.3.tools.other"),
    ];
    expect(list.unknown("any", [covered, ...others])).toEqual(others);
  });

  test("[conformance/known-differences] count for the scenario they name", () => {
    const list = known("requests.*.tools.x", "one");
    expect(list.unknown("two", [difference("requests.0.tools.x")])).toHaveLength(1);
    expect(list.unknown("one", [difference("requests.0.tools.x")])).toEqual([]);
  });

  test("[conformance/known-differences] that never occur are told", () => {
    const list = known("requests.*.tools.x");
    expect(list.unused).toHaveLength(1);
    list.unknown("any", [difference("requests.0.tools.x")]);
    expect(list.unused).toEqual([]);
  });

  test.each([
    ["a field that may not differ", "requests.*.body.model", "originator", "r"],
    ["a decision nobody took", "requests.*.headers.originator", "whatever", "r"],
    ["no reason", "requests.*.headers.originator", "originator", ""],
  ])(
    "[conformance/known-differences] with %s are refused",
    async (_name, field, decision, reason) => {
      await using directory = await temporaryDirectory();
      const file = join(directory.path, "list.json");
      await writeFile(file, JSON.stringify([{ scenario: "*", field, decision, reason }]));
      expect(() => readKnownDifferences(pathToFileURL(file))).toThrow(field);
    },
  );
});
