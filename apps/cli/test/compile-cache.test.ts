import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageExchange } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { type CompileCacheFacts, compileCacheFolder } from "../src/compile-cache.ts";
import { mockHome } from "./support/home.ts";
import { type CliResult, startCli } from "./support/run-cli.ts";

const userId = process.getuid?.();

function facts(homeDirectory: string, env: CompileCacheFacts["env"] = {}): CompileCacheFacts {
  return { env, platform: "linux", homeDirectory: () => homeDirectory, userId };
}

/** Runs a command line as a process with our own cache instead of the one all tests share. */
async function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<CliResult> {
  const { child, ended } = startCli(args, { cwd, env: { ...env, NODE_COMPILE_CACHE: "" } });
  child.stdin.end();
  return ended;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** What tells whether a file was replaced or changed. */
function stats(
  files: readonly string[],
): Promise<{ file: string; ino: number; mtimeMs: number; mode: number; size: number }[]> {
  return Promise.all(
    files.map(async (file) => {
      const { ino, mtimeMs, mode, size } = await stat(file);
      return { file, ino, mtimeMs, mode, size };
    }),
  );
}

describe.skipIf(userId === undefined)("the folder of compiled code", () => {
  test("is made in the user's cache, for him alone", async () => {
    await using home = await temporaryDirectory();
    const folder = compileCacheFolder(facts(home.path));
    expect(folder).toBe(join(home.path, ".cache", "codex-ts", "compile-cache"));
    expect((await stat(folder ?? "")).mode & 0o777).toBe(0o700);
    expect(compileCacheFolder(facts(home.path))).toBe(folder);
  });

  test.each<[string, NodeJS.Platform, Record<string, string>, string]>([
    ["XDG_CACHE_HOME", "linux", { XDG_CACHE_HOME: "HOME/elsewhere" }, "elsewhere"],
    ["a relative XDG_CACHE_HOME", "linux", { XDG_CACHE_HOME: "elsewhere" }, ".cache"],
    ["macOS", "darwin", {}, "Library/Caches"],
    ["Windows", "win32", { LOCALAPPDATA: "HOME/local" }, "local"],
  ])("%s decides where that is", async (_what, platform, env, expected) => {
    await using home = await temporaryDirectory();
    const given = Object.entries(env).map(([name, text]) => [
      name,
      text.replace("HOME", home.path),
    ]);
    const folder = compileCacheFolder({ ...facts(home.path, Object.fromEntries(given)), platform });
    expect(folder).toBe(join(home.path, expected, "codex-ts", "compile-cache"));
  });

  test.each(["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"])(
    "nothing is made when %s has told Node already",
    async (name) => {
      await using home = await temporaryDirectory();
      expect(compileCacheFolder(facts(home.path, { [name]: "1" }))).toBeUndefined();
      expect(await readdir(home.path)).toEqual([]);
    },
  );

  test("a user without a home has none", () => {
    const homeDirectory = (): never => {
      throw new Error("no home");
    };
    expect(compileCacheFolder({ ...facts("/"), homeDirectory })).toBeUndefined();
  });

  test("nothing is made in the home of another user", async () => {
    await using home = await temporaryDirectory();
    expect(compileCacheFolder({ ...facts(home.path), userId: (userId ?? 0) + 1 })).toBeUndefined();
    expect(await readdir(home.path)).toEqual([]);
  });

  const path = [".cache", "codex-ts", "compile-cache"];
  test.each<[string, (home: string) => Promise<unknown>]>([
    ["a file in its place", (home) => writeFile(join(home, ...path), "")],
    ["a link that leads nowhere", (home) => symlink("absent", join(home, ...path))],
    ["a folder others may write in", (home) => openFolder(join(home, ...path), 0o777)],
    ["a folder a group may write in", (home) => openFolder(join(home, ...path), 0o770)],
    [
      "a link to a folder others may write in",
      async (home) => {
        await openFolder(join(home, "shared"), 0o777);
        await symlink(join(home, "shared"), join(home, ...path));
      },
    ],
    [
      "a folder above it that others may write in",
      async (home) => {
        await openFolder(join(home, ...path), 0o700);
        await chmod(join(home, ".cache"), 0o777);
      },
    ],
  ])("%s is not used", async (_what, prepare) => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, ".cache", "codex-ts"), { recursive: true });
    await prepare(home.path);
    expect(compileCacheFolder(facts(home.path))).toBeUndefined();
  });

  test("a folder above it that others may write in, but not rename in, is fine", async () => {
    await using home = await temporaryDirectory();
    await chmod(home.path, 0o1777);
    expect(compileCacheFolder(facts(home.path))).toBeDefined();
  });
});

/** Processes are slow to start on a busy machine; how slow proves nothing. */
describe.concurrent("start-up with compiled code", { timeout: 60_000 }, () => {
  test("[cli/compile-cache] keeps it for the next start, and damaged entries do no harm", async () => {
    await using home = await temporaryDirectory();
    const env = { XDG_CACHE_HOME: join(home.path, "cache") };
    const args = ["trace", "show", "absent"];
    const first = await start(args, home.path, env);
    expect(first).toMatchObject({ exitCode: 1, stdout: "" });
    const folder = join(home.path, "cache", "codex-ts", "compile-cache");
    const files = await filesIn(folder);
    // One per script that was loaded.
    expect(files.length).toBeGreaterThan(2);
    const before = await stats(files);
    expect(before.map(({ mode }) => mode & 0o777)).toEqual(files.map(() => 0o600));
    expect(await start(args, home.path, env)).toEqual(first);
    // V8 took all of it: what it refuses is replaced.
    expect(await stats(files)).toEqual(before);
    const [largest = "", other = ""] = before
      .toSorted((a, b) => b.size - a.size)
      .map(({ file }) => file);
    await writeFile(largest, (await readFile(largest)).fill(0, 200, 400));
    await writeFile(other, "damaged");
    expect(await start(args, home.path, env)).toEqual(first);
    expect((await readFile(largest)).subarray(200, 400).some((byte) => byte !== 0)).toBe(true);
    expect((await stat(other)).size).toBeGreaterThan(100);
    const rest = files.filter((file) => file !== largest && file !== other);
    expect(await stats(rest)).toEqual(before.filter(({ file }) => rest.includes(file)));
  });

  test("is left to Node when NODE_COMPILE_CACHE names a folder", async () => {
    await using home = await temporaryDirectory();
    const named = join(home.path, "named");
    const env = { XDG_CACHE_HOME: join(home.path, "cache"), NODE_COMPILE_CACHE: named };
    const { child, ended } = startCli(["--version"], { cwd: home.path, env });
    child.stdin.end();
    expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await filesIn(named)).length).toBeGreaterThan(1);
    expect(await readdir(home.path)).toEqual(["named"]);
  });

  test("[cli/compile-cache-hostile] exec runs without a folder for it", async () => {
    await using home = await mockHome([messageExchange("fine")]);
    await writeFile(join(home.path, "cache"), "a file in its place");
    const env = { ...home.run.env, XDG_CACHE_HOME: join(home.path, "cache") };
    const result = await start(["exec", "--json", "--skip-git-repo-check", "hi"], home.path, env);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toContain('"text":"fine"');
  });

  test("nothing is written to a folder that others may write in", async () => {
    await using home = await temporaryDirectory();
    const folder = join(home.path, "codex-ts", "compile-cache");
    await openFolder(folder, 0o777);
    const env = { XDG_CACHE_HOME: home.path };
    expect(await start(["--version"], home.path, env)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readdir(folder)).toEqual([]);
  });
});

/** Made with exactly this mode, whatever the process takes away by default. */
async function openFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, mode);
}
