import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, inject, test } from "vitest";
import { mockHome } from "./support/home.ts";

const run = promisify(execFile);
const oldNode = findOldNode();

/** Processes are slow to start on a busy machine; how slow proves nothing. */
describe("the built program", { timeout: 60_000 }, () => {
  const main = inject("builtMain");

  test("[cli/built] runs a turn, records and reduces it, from its own files alone", async () => {
    await using home = await mockHome([messageExchange("fine")]);
    const start = (
      args: readonly string[],
      ...nodeOptions: readonly string[]
    ): Promise<{ stdout: string; stderr: string }> => {
      const child = run(process.execPath, [...nodeOptions, main, ...args], {
        cwd: home.path,
        env: { ...home.run.env, XDG_CACHE_HOME: home.path, PATH: process.env["PATH"] },
      });
      child.child.stdin?.end();
      return child;
    };
    const exec = ["exec", "--json", "--skip-git-repo-check", "--trace", "traces", "hi"];
    const builtins = join(home.path, "builtins.json");
    const { stdout, stderr } = await start(exec, `--import=${reportBuiltins(builtins)}`);
    expect(stderr).toBe("");
    expect(stdout).toContain('"text":"fine"');
    // Each of them takes a hundredth of a turn or more, and this turn does not use it.
    const used = JSON.parse(await readFile(builtins, "utf8")) as readonly string[];
    expect(used).toEqual(expect.arrayContaining(["net", "stream"]));
    for (const name of ["http2", "tls", "worker_threads", "child_process"]) {
      expect(used).not.toContain(name);
    }
    // What was loaded is what compiled code is kept of.
    const kept = await readdir(join(home.path, "codex-ts", "compile-cache"), { recursive: true });
    const scripts = kept.map((file) => nameOf(basename(file).replace(/^exec\./, "")));
    expect(scripts).toEqual(expect.arrayContaining(["run-process", "exec", "thread"]));
    for (const name of [
      "trace-reduce",
      "mcp-servers",
      "app-server",
      "undici",
      "wrapper",
      "parser",
    ]) {
      expect(scripts).not.toContain(name);
    }
    const [bundle = ""] = await readdir(join(home.path, "traces"));
    const reduced = await start(["trace", "reduce", "--strict", join("traces", bundle)]);
    expect(reduced).toEqual({
      stdout: `${join(home.path, "traces", bundle, "state.json")}\n`,
      stderr: "trace schema 3\n",
    });
  });

  test("[cli/built-terminal] finds the native part of the library for terminals", async () => {
    const args = { cmd: "test -t 1 && echo a terminal", tty: true, login: false };
    const call = functionCallExchange({ name: "exec_command", args, callId: "call_1" });
    await using home = await mockHome([call, messageExchange("fine")]);
    const exec = ["exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", "hi"];
    const child = run(main, exec, {
      cwd: home.path,
      env: { ...home.run.env, XDG_CACHE_HOME: home.path, PATH: process.env["PATH"] },
    });
    child.child.stdin?.end();
    expect((await child).stderr).toBe("");
    expect(JSON.stringify(home.server.requests.at(-1)?.body)).toContain("a terminal\\r\\n");
  });

  test("starts by itself and brings the licenses of what is in it", async () => {
    expect((await stat(main)).mode & 0o111).toBe(0o111);
    const licenses = await readFile(join(dirname(main), "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["commander", "undici", "ws", "zod"]) {
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
    expect(
      licenses.match(
        /permission is hereby granted|redistribution and use|licensed under the apache/gi,
      )?.length,
    ).toBeGreaterThanOrEqual(licenses.match(/^-{80}$/gm)?.length ?? Number.NaN);
  });

  test("[cli/node-version] needs nothing of a newer Node until it knows that this one is new enough", async () => {
    const old = `Object.defineProperty(process, "versions", { value: { node: "16.20.0" } });
      process.getBuiltinModule = undefined;`;
    const preload = `data:text/javascript,${encodeURIComponent(old)}`;
    const failure = await run(process.execPath, ["--import", preload, main]).then(
      () => undefined,
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    expect(failure?.stderr).toMatch(/^error: codex-ts needs Node 22\.19 or newer[^\n]*\n$/);
    // Neither is there syntax that it could not read.
    expect(await readFile(main, "utf8")).not.toMatch(/^import\b|\?\?=|\|\|=|&&=|static \{/m);
  });

  test("is in scripts whose names change with their contents, and strict", async () => {
    const names = (await readdir(dirname(main))).filter((name) => name.endsWith(".cjs"));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      expect(name).toMatch(/-[\w-]{8}\.cjs$/);
      const code = await readFile(join(dirname(main), name), "utf8");
      expect(code).toMatch(/^"use strict";/);
      // Node 22 cannot read it.
      expect(code).not.toMatch(/^\s*(?:await )?using \w+ =/m);
      // Would need a loader, and Node warns of it.
      expect(code).not.toMatch(/\bawait import\(|=> import\(/);
    }
  });

  test.each(["exec", "exec-review", "app-server"])(
    "%s does not load the reducer, nor the other way round",
    async (command) => {
      const turn = await loadedWith(dirname(main), command);
      const reducer = await loadedWith(dirname(main), "trace-reduce");
      expect(turn).toEqual(expect.arrayContaining(["run-process", "thread", "shared"]));
      expect(turn).not.toContain("trace-reduce");
      expect(reducer).toEqual(expect.arrayContaining(["run-process", "shared"]));
      expect(reducer).not.toContain("thread");
    },
  );

  test.skipIf(oldNode === undefined)(
    "[cli/node-version] tells an older Node what is wrong, on one line",
    async () => {
      const failure = await run(oldNode ?? "", [main]).then(
        () => undefined,
        (error: { code: number; stdout: string; stderr: string }) => error,
      );
      expect(failure).toMatchObject({ code: 1, stdout: "" });
      expect(failure?.stderr).toMatch(/^error: codex-ts needs Node 22\.19 or newer[^\n]*\n$/);
    },
  );
});

/** The files that are loaded with the one of a command, without their hashes. */
async function loadedWith(folder: string, command: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  const found = new Set(names.filter((name) => nameOf(name) === command));
  // A set iterates over what is added meanwhile, too.
  for (const name of found) {
    const code = await readFile(join(folder, name), "utf8");
    for (const [, file = ""] of code.matchAll(/^(?:const .* = )?require\("\.\/(.*)"\);$/gm))
      found.add(file);
  }
  return [...found].map(nameOf);
}

/** A module that writes the names of the modules of Node that a process has loaded, at its end. */
function reportBuiltins(file: string): string {
  const code = `process.on("exit", () => {
    const names = process.moduleLoadList.map((entry) => entry.replace(/^NativeModule /, ""));
    process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(names));
  });`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function nameOf(file: string): string {
  return file.replace(/-[\w-]{8}\.cjs$/, "");
}

/** A Node below 22 somewhere in PATH. */
function findOldNode(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .filter((file) => existsSync(file))
    .find(
      (file) => Number(/^v(\d+)/.exec(execFileSync(file, ["-v"], { encoding: "utf8" }))?.[1]) < 22,
    );
}
