import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { readmeCodeBlocks } from "@codex-ts/test-support";

const example = new URL("../examples/write-items-back.ts", import.meta.url);

afterEach(() => {
  vi.restoreAllMocks();
});

test("the README shows the example as it is", () => {
  const blocks = readmeCodeBlocks(new URL("../README.md", import.meta.url), "ts");
  expect(blocks).toContain(readFileSync(example, "utf8"));
});

test("the example runs and prints what its README says", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../examples/write-items-back.ts");
  expect(log.mock.calls).toEqual([
    [
      "next request:",
      '{"type":"function_call","name":"exec_command","arguments":"{\\"cmd\\":\\"ls\\"}","call_id":"call_1"}',
    ],
    ["kept, not sent:", { type: "hologram", id: "h_1", frames: 3 }],
    ["dropped:", "message"],
  ]);
});
