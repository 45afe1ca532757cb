import { readFileSync } from "node:fs";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { afterEach, expect, test, vi } from "vitest";

const README = new URL("../README.md", import.meta.url);
const EXAMPLE = new URL("../examples/your-own-tool.ts", import.meta.url);

/** The example loads every package; how slow a busy machine is proves nothing. */
const SLOW_MS = 20_000;

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  expect(readmeCodeBlocks(README, "ts")).toEqual([readFileSync(EXAMPLE, "utf8")]);
});

test("the example runs and prints what its README says", { timeout: SLOW_MS }, async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/your-own-tool.ts");
  const printed = log.mock.calls.map((values) => `${values.join(" ")}\n`);
  expect(readmeCodeBlocks(README, "text")).toEqual([printed.join("")]);
});
