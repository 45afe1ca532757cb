import { readFileSync } from "node:fs";
import { format } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const readme = new URL("../README.md", import.meta.url);
const example = new URL("../examples/write-items-back.ts", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  expect(readmeCodeBlocks(readme, "ts")).toEqual([readFileSync(example, "utf8")]);
});

test("the example runs and prints what its README says", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/write-items-back.ts");
  const printed = log.mock.calls.map((line: unknown[]) => `${format(...line)}\n`).join("");
  expect([printed]).toEqual(readmeCodeBlocks(readme, "text"));
});
