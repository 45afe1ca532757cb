import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const README = new URL("../README.md", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  const example = readFileSync(new URL("../examples/run-a-turn.ts", import.meta.url), "utf8");
  expect(readmeCodeBlocks(README, "ts")).toEqual([example]);
});

test("the example runs and prints what its README says", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/run-a-turn.ts");
  expect(log.mock.calls.flat()).toEqual([
    "req_1",
    expect.objectContaining({ type: "command_execution", aggregated_output: "42\n", exit_code: 0 }),
    { id: "item_1", type: "agent_message", text: "It is 42." },
    "req_2",
  ]);
});
