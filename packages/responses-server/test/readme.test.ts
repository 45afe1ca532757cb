import { readFileSync } from "node:fs";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example file", () => {
  const [block] = readmeCodeBlocks(new URL("../README.md", import.meta.url), "ts");
  expect(block).toBe(
    readFileSync(new URL("../examples/scripted-agent.ts", import.meta.url), "utf8"),
  );
});

test("the example runs and prints what the README says", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(values.join(" "));
  });
  await import("../examples/scripted-agent.ts");
  const [output] = readmeCodeBlocks(new URL("../README.md", import.meta.url), "text");
  expect(`${lines.join("\n")}\n`).toBe(output);
});
