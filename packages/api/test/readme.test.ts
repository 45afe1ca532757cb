import { readFileSync } from "node:fs";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { afterEach, expect, test, vi } from "vitest";

const readme = new URL("../README.md", import.meta.url);
const example = new URL("../examples/stream-a-response.ts", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example file", () => {
  expect(readmeCodeBlocks(readme, "ts")).toEqual([readFileSync(example, "utf8")]);
});

test("the example runs and prints what the README says", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(values.join(" "));
  });
  await import("../examples/stream-a-response.ts");
  expect(`${lines.join("\n")}\n`).toBe(readmeCodeBlocks(readme, "text").join(""));
});
