import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const README = new URL("../README.md", import.meta.url);

/** The first example loads every package; how slow a busy machine is proves nothing. */
const SLOW_MS = 20_000;

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the examples as they are", () => {
  const examples = ["run-a-turn", "your-own-tool", "resume-a-thread"].map((name) =>
    readFileSync(new URL(`../examples/${name}.ts`, import.meta.url), "utf8"),
  );
  expect(readmeCodeBlocks(README, "ts")).toEqual(examples);
});

test("the example runs and prints what its README says", { timeout: SLOW_MS }, async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/run-a-turn.ts");
  expect(log.mock.calls.flat()).toEqual([
    "req_1",
    expect.objectContaining({ type: "command_execution", aggregated_output: "42\n", exit_code: 0 }),
    { id: "item_1", type: "agent_message", text: "It is 42." },
    "req_2",
  ]);
});

test(
  "the example with a tool of its own runs and prints what its README says",
  { timeout: SLOW_MS },
  async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    await import("../examples/your-own-tool.ts");
    const printed = log.mock.calls.flat().map((value) => `${inspect(value)}\n`);
    expect(readmeCodeBlocks(README, "text")[1]).toBe(printed.join(""));
  },
);

test(
  "the example that resumes a thread runs and prints what its README says",
  { timeout: SLOW_MS },
  async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    await import("../examples/resume-a-thread.ts");
    const printed = log.mock.calls.flat().map((value) => `${value}\n`);
    expect(readmeCodeBlocks(README, "text")[2]).toBe(printed.join(""));
  },
);
