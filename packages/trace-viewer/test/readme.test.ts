import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const readme = new URL("../README.md", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  const example = new URL("../examples/page-of-a-run.ts", import.meta.url);
  expect(readmeCodeBlocks(readme, "ts")).toContain(readFileSync(example, "utf8"));
});

test("the example runs and prints what the README says", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/page-of-a-run.ts");
  const printed = log.mock.calls.map(([text]) => `${String(text)}\n`).join("");
  expect(readmeCodeBlocks(readme, "text")).toEqual([printed]);
});
