import { readFileSync } from "node:fs";
import { formatWithOptions } from "node:util";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { afterEach, expect, test, vi } from "vitest";

const README = new URL("../README.md", import.meta.url);
const EXAMPLES = ["use-a-login"];

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example files", () => {
  expect(readmeCodeBlocks(README, "ts")).toEqual(
    EXAMPLES.map((name) =>
      readFileSync(new URL(`../examples/${name}.ts`, import.meta.url), "utf8"),
    ),
  );
});

test("the examples run and print what the README says", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(formatWithOptions({ colors: false }, ...values));
  });
  for (const name of EXAMPLES) await import(`../examples/${name}.ts`);
  expect(`${lines.join("\n")}\n`).toBe(readmeCodeBlocks(README, "text").join(""));
});
