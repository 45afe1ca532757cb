import { execFileSync } from "node:child_process";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { type ScriptLoader, createScriptLoader } from "../src/script-loader.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Scripts extends AsyncDisposable {
  readonly path: string;
  readonly cacheFolder: string;
  /** A loader as the next process has it. */
  readonly next: (options?: { readonly bucket?: string; readonly now?: number }) => ScriptLoader;
  /** Writes the script whose functions `used` and `unused` return this digit. */
  readonly write: (digit: number) => Promise<void>;
  /** The only file of compiled code. */
  readonly compiled: () => Promise<string>;
}

interface Exports {
  readonly used: () => number;
  readonly unused: () => number;
}

const NAME = "script-abcdefgh.cjs";
const startMs = Date.now();

async function scripts(): Promise<Scripts> {
  const directory = await temporaryDirectory();
  const { path } = directory;
  const cacheFolder = join(path, "cache");
  await mkdir(cacheFolder);
  const write = (digit: number): Promise<void> =>
    writeFile(
      join(path, NAME),
      `"use strict"; exports.used = () => ${digit}; exports.unused = () => ${digit};`,
    );
  await write(1);
  return {
    path,
    cacheFolder,
    write,
    next: ({ bucket = "exec", now = startMs } = {}) =>
      createScriptLoader({ folder: path, cacheFolder, bucket, now: () => now }),
    compiled: async () => {
      const [folder = ""] = await readdir(cacheFolder);
      const files = await readdir(join(cacheFolder, folder));
      expect(files).toHaveLength(1);
      return join(cacheFolder, folder, files[0] ?? "");
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** A whole process: loads the script, calls `used`, ends. Gives what the functions return. */
function run(loader: ScriptLoader, { hasSucceeded = true } = {}): number[] {
  const { used } = loader.load(NAME) as Exports;
  const results = [used()];
  loader.keep({ hasSucceeded });
  return results;
}

describe("scripts", () => {
  test("require each other, modules of Node and installed packages", async () => {
    await using home = await scripts();
    const installed = join(home.path, "node_modules", "installed");
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, "index.js"), "exports.name = 'installed';");
    const loads = (id: string): string => `require(${JSON.stringify(id)})`;
    await writeFile(
      join(home.path, "entry.cjs"),
      `exports.early = 1; exports.found = [${["./other.cjs", "node:path", "path", "installed"].map(loads).join()}];
      exports.again = require("./other.cjs"); exports.place = [__filename, __dirname, new Error().stack];
      exports.absent = () => require("absent");`,
    );
    await writeFile(
      join(home.path, "other.cjs"),
      `exports.seen = { ...require("./entry.cjs") }; module.exports.isSame = module.exports === exports;`,
    );
    const entry = home.next().load("entry.cjs") as {
      readonly found: readonly unknown[];
      readonly again: unknown;
      readonly place: readonly string[];
      readonly absent: () => unknown;
    };
    const path = await import("node:path");
    expect(entry.found).toEqual([
      { seen: { early: 1 }, isSame: true },
      path.default,
      path.default,
      { name: "installed" },
    ]);
    expect(entry.again).toBe(entry.found[0]);
    expect(entry.place.slice(0, 2)).toEqual([join(home.path, "entry.cjs"), home.path]);
    expect(entry.place[2]).toContain(`${join(home.path, "entry.cjs")}:2:`);
    expect(entry.absent).toThrow(expect.objectContaining({ code: "MODULE_NOT_FOUND" }) as Error);
  });

  test("[cli/compile-cache] functions that a run used are kept for the next one, others are not", async () => {
    await using home = await scripts();
    expect(run(home.next())).toEqual([1]);
    const file = await home.compiled();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await stat(file);
    // V8 looks at the length only: what still returns the old digit was not compiled again.
    await home.write(2);
    const { used, unused } = home.next().load(NAME) as Exports;
    expect([used(), unused()]).toEqual([1, 2]);
    run(home.next());
    expect((await stat(file)).ino).toBe(before.ino);
  });

  test("each command has its own", async () => {
    await using home = await scripts();
    run(home.next());
    await home.write(2);
    expect(run(home.next({ bucket: "demo" }))).toEqual([2]);
  });

  test("compiled code of a script of another length is replaced", async () => {
    await using home = await scripts();
    run(home.next());
    const { ino } = await stat(await home.compiled());
    await home.write(22);
    expect(run(home.next())).toEqual([22]);
    expect((await stat(await home.compiled())).ino).not.toBe(ino);
    await home.write(33);
    expect(run(home.next())).toEqual([22]);
  });

  test.each<[string, (bytes: Buffer) => Uint8Array]>([
    ["a byte that changed", (bytes) => bytes.fill((bytes[200] ?? 0) ^ 1, 200, 201)],
    ["a page of zeros", (bytes) => bytes.fill(0, bytes.length / 2 + 100)],
    ["nothing but zeros", (bytes) => bytes.fill(0)],
    ["an end that is missing", (bytes) => bytes.subarray(0, -100)],
    ["nothing in it", (bytes) => bytes.subarray(0, 0)],
    ["something else in it", () => Buffer.from("something else")],
  ])("[cli/compile-cache-hostile] compiled code with %s is replaced", async (_what, damage) => {
    await using home = await scripts();
    run(home.next());
    const file = await home.compiled();
    const damaged = damage(await readFile(file));
    await writeFile(file, damaged);
    await home.write(2);
    expect(run(home.next())).toEqual([2]);
    expect((await readFile(file)).equals(damaged)).toBe(false);
    await home.write(3);
    expect(run(home.next())).toEqual([2]);
  });

  test.skipIf(process.platform === "win32").each<[string, (file: string) => void]>([
    ["a pipe", (file) => execFileSync("mkfifo", [file])],
    ["a link to a device", (file) => symlinkSync("/dev/zero", file)],
    [
      "a file of 10 GB",
      (file) => {
        writeFileSync(file, "");
        truncateSync(file, 10_000_000_000);
      },
    ],
  ])("[cli/compile-cache-hostile] %s in its place is not read", async (_what, make) => {
    await using home = await scripts();
    run(home.next());
    const file = await home.compiled();
    await rm(file);
    make(file);
    const before = process.memoryUsage().arrayBuffers;
    expect(run(home.next())).toEqual([1]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("nothing is said when it cannot be kept", async () => {
    await using home = await scripts();
    const loader = createScriptLoader({
      folder: home.path,
      cacheFolder: join(home.path, NAME),
      bucket: "exec",
    });
    expect(run(loader)).toEqual([1]);
  });

  test("[cli/compile-cache-hostile] what could not be written leaves nothing behind", async () => {
    await using home = await scripts();
    run(home.next());
    const file = await home.compiled();
    await rm(file);
    await mkdir(file);
    run(home.next());
    expect(await home.compiled()).toBe(file);
  });

  test("[cli/compile-cache-hostile] a part that a killed process left is not in the way for long", async () => {
    await using home = await scripts();
    run(home.next());
    const file = await home.compiled();
    await rename(file, `${file}.${process.pid}`);
    run(home.next());
    run(home.next());
    expect(await home.compiled()).toBe(file);
  });

  /** Loads, calls both functions, ends. */
  function runFully(loader: ScriptLoader, options = { hasSucceeded: true }): number[] {
    const { used, unused } = loader.load(NAME) as Exports;
    const results = [used(), unused()];
    loader.keep(options);
    return results;
  }

  test.each([
    ["a day after one that succeeded", true, DAY_MS, 1],
    ["less than a day after one that succeeded", true, DAY_MS - 1000, 3],
    ["right after one that failed", false, 0, 1],
  ])("what another run uses %s", async (_when, hasSucceeded, laterMs, third) => {
    await using home = await scripts();
    run(home.next(), { hasSucceeded });
    // It failed too: then there is nothing new to learn.
    runFully(home.next({ now: startMs + laterMs }), { hasSucceeded: false });
    runFully(home.next({ now: startMs + laterMs }));
    await home.write(3);
    expect(runFully(home.next())).toEqual([1, third]);
  });

  test("is looked at again once a day only, and never replaced by less", async () => {
    await using home = await scripts();
    runFully(home.next());
    const file = await home.compiled();
    const { ino } = await stat(file);
    run(home.next({ now: startMs + 2 * DAY_MS }));
    const after = await stat(file);
    expect(after.ino).toBe(ino);
    expect(Math.round(after.mtimeMs)).toBe(startMs + 2 * DAY_MS);
  });

  test("what nobody has written for thirty days is removed with the next writing", async () => {
    await using home = await scripts();
    const names = ["v1.0.0-x64/old", "v2.0.0-x64/new", "v2.0.0-x64/old"];
    for (const name of names) {
      const file = join(home.cacheFolder, name);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, "");
      const at = (startMs - (name.endsWith("old") ? 31 : 29) * DAY_MS) / 1000;
      await utimes(file, at, at);
    }
    run(home.next());
    const own = `${process.version}-${process.arch}`;
    expect((await readdir(home.cacheFolder)).toSorted()).toEqual([own, "v2.0.0-x64"].toSorted());
    expect(await readdir(join(home.cacheFolder, "v2.0.0-x64"))).toEqual(["new"]);
  });
});
