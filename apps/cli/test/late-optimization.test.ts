import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import vm from "node:vm";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { optimizedLate } from "../src/late-optimization.ts";

const LARGE_BYTES = 1024 * 1024;

/** V8's flags as compiled code is marked with them. */
function flagsHash(): number {
  return new vm.Script("1").createCachedData().readUInt32LE(12);
}

test("large bundles are read under another flag, which does not outlast that", async () => {
  await using directory = await temporaryDirectory();
  const log = join(directory.path, "trace.jsonl");
  await writeFile(log, "");
  const usual = flagsHash();
  const during = (): Promise<number> => optimizedLate(directory.path, async () => flagsHash());
  expect(await during()).toBe(usual);
  await truncate(log, LARGE_BYTES);
  expect(await during()).not.toBe(usual);
  expect(flagsHash()).toBe(usual);
  const failing = optimizedLate(directory.path, () => Promise.reject(new Error("unreadable")));
  await expect(failing).rejects.toThrow("unreadable");
  expect(flagsHash()).toBe(usual);
});

test("what cannot be looked at is left to who reads it", async () => {
  const read = optimizedLate("/no/such/bundle", async () => "read");
  expect(await read).toBe("read");
});
