import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const readme = new URL("../README.md", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows a part of the example, and what it prints", async () => {
  const example = readFileSync(new URL("../examples/drive-a-thread.ts", import.meta.url), "utf8");
  const [shown = ""] = readmeCodeBlocks(readme, "ts");
  expect(shown.length).toBeGreaterThan(300);
  expect(example).toContain(shown);
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/drive-a-thread.ts");
  const printed = log.mock.calls.map((words) => `${words.join(" ")}\n`).join("");
  expect(readmeCodeBlocks(readme, "text")).toEqual([printed]);
});
