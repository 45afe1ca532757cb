import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  readPlainFile,
  readPlainFileHead,
  readPlainFileTail,
} from "../../src/internal/read-plain-file.ts";

const isUnix = process.platform !== "win32";

describe("a file that somebody else wrote", () => {
  test("is read whole up to the limit and refused beyond it", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    writeFileSync(path, "12345");
    expect(readPlainFile(path, { maxBytes: 5 }).toString()).toBe("12345");
    expect(() => readPlainFile(path, { maxBytes: 4 })).toThrow(/^it is larger than 4 bytes$/);
    writeFileSync(path, "x".repeat(100_000));
    expect(readPlainFile(path, { maxBytes: 100_000 })).toHaveLength(100_000);
    writeFileSync(path, "");
    expect(readPlainFile(path, { maxBytes: 0 })).toHaveLength(0);
  });

  test("is refused by its size before anything of it is read", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "sparse");
    writeFileSync(path, "start");
    truncateSync(path, 10_000_000_000);
    expect(() => readPlainFile(path, { maxBytes: 1024 })).toThrow("larger than 1024 bytes");
    expect(readPlainFileTail(path, 8)).toStrictEqual(Buffer.alloc(8));
    expect(readPlainFileHead(path, 5).toString()).toBe("start");
  });

  test.skipIf(process.platform !== "linux")("is read when it does not say its size", () => {
    expect(readPlainFile("/proc/self/status", { maxBytes: 65_536 }).toString()).toMatch(/^Name:/);
    expect(() => readPlainFile("/proc/self/status", { maxBytes: 10 })).toThrow("larger than 10");
  });

  test.skipIf(!isUnix)("is no pipe, device, directory or link to itself", async () => {
    await using directory = await temporaryDirectory();
    const at = (name: string): string => join(directory.path, name);
    execFileSync("mkfifo", [at("pipe")]);
    symlinkSync("/dev/zero", at("device"));
    mkdirSync(at("directory"));
    symlinkSync("loop", at("loop"));
    for (const read of [
      (path: string) => readPlainFile(path, { maxBytes: 10 }),
      (path: string) => readPlainFileHead(path, 10),
      (path: string) => readPlainFileTail(path, 10),
    ]) {
      expect(() => read(at("pipe"))).toThrow(/^it is no plain file$/);
      expect(() => read(at("device"))).toThrow(/^it is no plain file$/);
      expect(() => read(at("directory"))).toThrow(/^it is a directory$/);
      expect(() => read(at("loop"))).toThrow(/ELOOP/);
      expect(() => read(at("absent"))).toThrow(/ENOENT/);
    }
  });
});
