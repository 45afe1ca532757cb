import { readFileSync } from "node:fs";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { afterEach, expect, test, vi } from "vitest";

const README = new URL("../README.md", import.meta.url);
const EXAMPLE = new URL("../examples/record-and-reduce.ts", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example file", () => {
  expect(readmeCodeBlocks(README, "ts")).toEqual([readFileSync(EXAMPLE, "utf8")]);
});

test("the example runs and prints what the README says", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(values.join(" "));
  });
  await import("../examples/record-and-reduce.ts");
  expect(`${lines.join("\n")}\n`).toBe(readmeCodeBlocks(README, "text").join(""));
});
