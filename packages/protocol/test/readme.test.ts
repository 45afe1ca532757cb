import { readFileSync } from "node:fs";
import { formatWithOptions } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const README = new URL("../README.md", import.meta.url);
const EXAMPLE = new URL("../examples/write-items-back.ts", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  expect(readmeCodeBlocks(README, "ts")).toEqual([readFileSync(EXAMPLE, "utf8")]);
});

test("the example runs and prints what its README says", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(`${formatWithOptions({ colors: false }, ...values)}\n`);
  });
  await import("../examples/write-items-back.ts");
  expect(readmeCodeBlocks(README, "text")).toEqual([lines.join("")]);
});
