import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const readme = new URL("../README.md", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is, and what it prints", async () => {
  const example = readFileSync(new URL("../examples/serve-a-client.ts", import.meta.url), "utf8");
  expect(readmeCodeBlocks(readme, "ts")).toEqual([example]);
  expect(readmeCodeBlocks(readme, "text")).toEqual([
    await printedBy(() => import("../examples/serve-a-client.ts")),
  ]);
});

test("the other example runs a turn", async () => {
  expect(await printedBy(() => import("../examples/drive-a-thread.ts"))).toBe(
    "item/agentMessage/delta Hello\nitem/agentMessage/delta  there.\nturn/completed completed\n",
  );
});

async function printedBy(program: () => Promise<unknown>): Promise<string> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await program();
  return log.mock.calls.map((words) => `${words.join(" ")}\n`).join("");
}
