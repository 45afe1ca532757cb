import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
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
  /** Files there beside it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether the command goes on, with a warning or as if there were no such file. */
  readonly goesOn?: true;
  /** Only in the long form, and without what is a matter of parsing. */
  readonly isLong?: true;
  /** How an error names it. Default: with its path. */
  readonly named?: string;
  /** Default: 1 for an error, 0 too where the command goes on. */
  readonly exitCodes?: readonly number[];
  /** Kinds it may well be. */
  readonly mayBe?: RegExp;
}

const EXEC = ["exec", "--skip-git-repo-check", "hi"];
const SESSION = "01a1fa2c-0000-7000-8000-000000000001";
const SESSION_FILE = `sessions/2026/11/30/rollout-2026-11-30T10-00-00-${SESSION}.jsonl`;
const REDUCE = ["trace", "reduce", "bundle"];
const PLACES: Readonly<Record<string, Place>> = {
  config: { path: "config.toml", args: EXEC },
  instructions: {
    path: "i.md",
    args: EXEC,
    top: 'model_instructions_file = "i.md"',
    mayBe: /nesting|keys/,
  },
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
  prices: {
    isLong: true,
    path: "prices.json",
    args: ["trace", "ledger", "bundle", "--prices", "prices.json"],
    files: { "bundle/trace.jsonl": namesShard() },
  },
  "output schema": {
    isLong: true,
    path: "schema.json",
    args: ["exec", "--skip-git-repo-check", "--output-schema", "schema.json", "hi"],
    mayBe: /keys/,
  },
  image: { isLong: true, path: "a.png", args: [...EXEC, "-i", "a.png"] },
  "installation id": { isLong: true, path: "installation_id", args: EXEC, goesOn: true },
  "instructions that override": {
    isLong: true,
    path: "AGENTS.override.md",
    args: EXEC,
    goesOn: true,
  },
  "manifest in a list": {
    isLong: true,
    path: "bundle/manifest.json",
    args: ["trace", "list", "."],
    goesOn: true,
  },
  "log in a list": {
    isLong: true,
    path: "bundle/trace.jsonl",
    args: ["trace", "list", "."],
    files: { "bundle/manifest.json": manifest(3) },
    goesOn: true,
  },
  "log that is compared": {
    isLong: true,
    path: "bundle/trace.jsonl",
    args: ["trace", "diff", "bundle", "bundle"],
    files: { "bundle/manifest.json": manifest(3) },
    goesOn: true,
    exitCodes: [0, 1, 2],
  },
  "log that is followed": {
    isLong: true,
    path: "bundle/trace.jsonl",
    args: ["trace", "tail", "bundle"],
    files: { "bundle/manifest.json": manifest(3) },
    named: "(?:trace.jsonl|the path leaves the bundle)",
  },
  "payload of its own": {
    isLong: true,
    path: "bundle/payloads/1.json",
    args: REDUCE,
    files: { "bundle/manifest.json": manifest(1), "bundle/trace.jsonl": namesFile() },
    goesOn: true,
  },
  "wire log of failures": {
    isLong: true,
    path: "bundle/wire.jsonl",
    args: ["trace", "doctor", "bundle"],
    files: { "bundle/trace.jsonl": namesShard() },
    goesOn: true,
  },
  "login that is examined": { isLong: true, path: "auth.json", args: ["doctor"], goesOn: true },
  "wire log": {
    isLong: true,
    path: "bundle/wire.jsonl",
    args: ["trace", "show", "bundle"],
    goesOn: true,
  },
  shard: {
    isLong: true,
    path: "bundle/payloads/000001.zst",
    args: REDUCE,
    files: { "bundle/trace.jsonl": namesShard() },
    goesOn: true,
  },
  profile: { isLong: true, path: "work.config.toml", args: ["-p", "work", ...EXEC] },
  "configuration that is edited": {
    isLong: true,
    path: "config.toml",
    args: ["mcp", "add", "one", "--", "program"],
    mayBe: /keys/,
  },
  "configuration of a project": {
    isLong: true,
    path: ".codex/config.toml",
    args: EXEC,
    goesOn: true,
  },
  rules: { isLong: true, path: "rules/default.rules", args: EXEC, goesOn: true },
  skill: { isLong: true, path: "skills/one/SKILL.md", args: EXEC, goesOn: true },
  "logins of MCP servers": {
    isLong: true,
    path: ".credentials.json",
    args: ["mcp", "list"],
    top: `mcp_servers = { far = { url = "http://127.0.0.1:9/mcp" } }`,
    goesOn: true,
  },
  session: { path: SESSION_FILE, args: ["exec", "--skip-git-repo-check", "resume", SESSION, "hi"] },
  "last session": {
    isLong: true,
    path: SESSION_FILE,
    args: ["exec", "--skip-git-repo-check", "resume", "--last", "hi"],
    goesOn: true,
  },
  "names of sessions": {
    isLong: true,
    path: "session_index.jsonl",
    args: ["exec", "--skip-git-repo-check", "resume", "a name", "hi"],
    goesOn: true,
  },
  "lock of a session": {
    isLong: true,
    path: `thread-writer-locks/${SESSION}.codex-ts`,
    args: ["exec", "--skip-git-repo-check", "resume", SESSION, "hi"],
    files: { [SESSION_FILE]: sessionText() },
    goesOn: true,
  },
};

/** A log whose only payload is in the first shard. */
function namesShard(): string {
  return logWithPayload(3, { shard: 1 });
}

/** A log whose only payload is a file. */
function namesFile(): string {
  return logWithPayload(1, { path: "payloads/1.json" });
}

function logWithPayload(schema_version: number, where: object): string {
  const event_payload = {
    raw_payload_id: "raw_payload:1",
    kind: { type: "protocol_event" },
    ...where,
  };
  const payload = { type: "protocol_event_observed", event_type: "x", event_payload };
  const ids = { rollout_id: "r", thread_id: null, codex_turn_id: null };
  return `${JSON.stringify({ schema_version, seq: 1, wall_time_unix_ms: 1, ...ids, payload })}\n`;
}

function manifest(schema_version: number): string {
  return JSON.stringify({
    schema_version,
    trace_id: "t",
    rollout_id: "r",
    root_thread_id: "th",
    started_at_unix_ms: 1,
    raw_event_log: "trace.jsonl",
    payloads_dir: "payloads",
  });
}

function sessionText(): string {
  const payload = {
    id: SESSION,
    timestamp: "2026-11-30T10:00:00.000Z",
    cwd: "/",
    originator: "x",
    cli_version: "0",
  };
  return `${JSON.stringify({ timestamp: payload.timestamp, type: "session_meta", payload })}\n`;
}

const PARSED: ReadonlySet<string> = new Set(["directory", "deep nesting", "many keys"]);
const all = Object.entries(PLACES).flatMap(([place, { isLong = false }]) =>
  Object.keys(KINDS)
    .filter((kind) => !isLong || !PARSED.has(kind))
    .map((kind): [string, string] => [place, kind]),
);
const short = Object.keys(PLACES).filter((place) => PLACES[place]?.isLong !== true);
/** In the short form each place and each kind once or twice. */
const cases = isLongForm
  ? all
  : short.map((place, index): [string, string] => [
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
      const {
        path,
        args,
        top = "",
        env = {},
        files = {},
        goesOn = false,
        named = path,
        exitCodes,
        mayBe,
      } = PLACES[name] as Place;
      await using home = await mockHome([], { top: `model = "gpt-mock"\n${top}` });
      mkdirSync(join(home.path, "bundle"));
      writeFileSync(join(home.path, "bundle", "trace.jsonl"), "");
      const trust = `[projects.${JSON.stringify(home.path)}]\ntrust_level = "trusted"\n`;
      appendFileSync(join(home.path, "config.toml"), trust);
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(home.path, file)), { recursive: true });
        writeFileSync(join(home.path, file), text);
      }
      mkdirSync(dirname(join(home.path, path)), { recursive: true });
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
      const isSound = goesOn || mayBe?.test(kind) === true;
      const line = isSound ? "" : `^error: [^\\n]*${named}`;
      expect(result.stderr).toMatch(new RegExp(line, "m"));
      expect(result.exitCode).toBeOneOf(exitCodes ?? (isSound ? [0, 1] : [1]));
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
