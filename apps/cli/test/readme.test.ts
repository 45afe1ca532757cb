import { readFile } from "node:fs/promises";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { expect, test } from "vitest";

test("the README shows the example file, which a process test runs", async () => {
  const example = await readFile(new URL("../examples/json-lines.ts", import.meta.url), "utf8");
  expect(readmeCodeBlocks(new URL("../README.md", import.meta.url), "ts")).toEqual([example]);
});
