import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isLongForm } from "@codex-ts/test-support";
import { describe, expect, inject, test } from "vitest";
import { mockHome } from "./support/home.ts";
import { type CliResult, childEnvironment, collect } from "./support/run-cli.ts";

const TIMEOUT_MS = 60_000;
const MAX_CPU_MS = 5000;
const MAX_MEMORY_KIB = 300 * 1024;
const MAX_OUTPUT_CHARACTERS = 4000;
const VALUE = "canary-value-nobody-repeats";

/** What stands in the place of a file. */
const KINDS: Readonly<Record<string, (path: string) => void>> = {
  "10 GB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 10_000_000_000);
  },
  pipe: (path) => execFileSync("mkfifo", [path]),
  device: (path) => symlinkSync("/dev/zero", path),
  directory: (path) => mkdirSync(path),
  loop: (path) => symlinkSync(path, path),
  "deep nesting": (path) => {
    writeFileSync(path, `${path.endsWith(".toml") ? "a = " : ""}${"[".repeat(400_000)}${VALUE}`);
  },
  "many keys": (path) => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"${VALUE}${index}"`);
    const isToml = path.endsWith(".toml");
    writeFileSync(
      path,
      isToml ? `k${keys.keys().toArray().join(" = 1\nk")} = 1` : `{${keys.join(":1,")}:1}`,
    );
  },
};

interface Place {
  /** Relative to the home directory. */
  readonly path: string;
  readonly args: readonly string[];
  readonly top?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the command goes on, with a warning or as if there were no such file. */
  readonly goesOn?: true;
}

const EXEC = ["exec", "--skip-git-repo-check", "hi"];
const REDUCE = ["trace", "reduce", "bundle"];
const PLACES: Readonly<Record<string, Place>> = {
  config: { path: "config.toml", args: EXEC },
  instructions: { path: "i.md", args: EXEC, top: 'model_instructions_file = "i.md"' },
  catalog: { path: "c.json", args: EXEC, top: 'model_catalog_json = "c.json"' },
  login: { path: "auth.json", args: ["login", "status"] },
  agents: { path: "AGENTS.md", args: EXEC, goesOn: true },
  certificates: {
    path: "ca.pem",
    args: EXEC,
    env: { CODEX_CA_CERTIFICATE: "ca.pem" },
    goesOn: true,
  },
  cache: { path: "models_cache.json", args: EXEC, goesOn: true },
  manifest: { path: "bundle/manifest.json", args: REDUCE, goesOn: true },
  log: { path: "bundle/trace.jsonl", args: REDUCE, goesOn: true },
};

const all = Object.keys(PLACES).flatMap((place) =>
  Object.keys(KINDS).map((kind): [string, string] => [place, kind]),
);
/** In the short form each place and each kind once or twice. */
const cases = isLongForm
  ? all
  : Object.keys(PLACES).map((place, index): [string, string] => [
      place,
      Object.keys(KINDS)[index % Object.keys(KINDS).length] ?? "",
    ]);

/** Writes down at its end what the process used. */
const METER = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync, writeFileSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const [, memory] = /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
    writeFileSync(process.env.USED, JSON.stringify([(user + system) / 1000, Number(memory)]));
  });
`)}`;

describe.skipIf(process.platform !== "linux")("a file that is none", () => {
  test.each(cases)(
    "[cli/foreign-files] %s: %s",
    async (name, kind) => {
      const { path, args, top = "", env = {}, goesOn } = PLACES[name] as Place;
      await using home = await mockHome([], { top: `model = "gpt-mock"\n${top}` });
      mkdirSync(join(home.path, "bundle"));
      writeFileSync(join(home.path, "bundle", "trace.jsonl"), "");
      rmSync(join(home.path, path), { force: true });
      KINDS[kind]?.(join(home.path, path));
      const { result, cpuMs, memoryKib } = await runMetered(args, home.path, {
        ...home.run.env,
        ...env,
      });
      const output = result.stdout + result.stderr;
      expect(output).not.toContain(VALUE);
      expect(output).not.toMatch(/^\s+at /m);
      expect(output.length).toBeLessThan(MAX_OUTPUT_CHARACTERS);
      expect(cpuMs).toBeLessThan(MAX_CPU_MS);
      expect(memoryKib).toBeLessThan(MAX_MEMORY_KIB);
      const isText = name === "instructions" && /nesting|keys/.test(kind);
      const line = goesOn === true || isText ? "" : `^error: [^\\n]*${path}`;
      expect(result.stderr).toMatch(new RegExp(line, "m"));
      expect(result.exitCode).toBeOneOf(goesOn === true ? [0, 1] : [1]);
    },
    TIMEOUT_MS,
  );
});

async function runMetered(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{
  readonly result: CliResult;
  readonly cpuMs: number;
  readonly memoryKib: number;
}> {
  const used = join(cwd, "used.json");
  const child = spawn(process.execPath, ["--import", METER, inject("builtMain"), ...args], {
    cwd,
    env: { ...childEnvironment, ...env, USED: used },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end();
  const result = await collect(child);
  const [cpuMs = Infinity, memoryKib = Infinity] = JSON.parse(
    readFileSync(used, "utf8"),
  ) as number[];
  return { result, cpuMs, memoryKib };
}
