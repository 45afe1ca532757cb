import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { makeDirectory } from "../../src/internal/make-directory.ts";

test("a directory and what is missing above it are for the user alone", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "above", "below");
  makeDirectory(path);
  makeDirectory(path);
  if (process.platform === "win32") return;
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory.path, "above")).mode & 0o777).toBe(0o700);
});

test("a file in its place is an error and stays", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  writeFileSync(path, "");
  expect(() => makeDirectory(join(path, "below"))).toThrow("EEXIST");
  expect(statSync(path).isFile()).toBe(true);
});

test.skipIf(!existsSync("/proc/self"))("is an error where Node would not return", () => {
  expect(() => makeDirectory("/proc/nothing/here")).toThrow("ENOENT");
});
