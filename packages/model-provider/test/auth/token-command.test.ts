import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  TokenCommandSource,
  createModelProvider,
  parseModelProviders,
} from "@codex-ts/model-provider";
import type { TokenCommandInfo } from "@codex-ts/model-provider";
import { attached } from "../support/headers.ts";

/** A command that runs JavaScript. */
function node(script: string, overrides: Partial<TokenCommandInfo> = {}): TokenCommandInfo {
  return {
    command: process.execPath,
    args: ["-e", script],
    timeoutMs: 5000,
    refreshIntervalMs: 300_000,
    ...overrides,
  };
}

/** Prints `token-<n>` where n counts the runs, kept in a file. */
function countingScript(file: string): string {
  const path = JSON.stringify(file);
  return `const fs=require("node:fs");fs.appendFileSync(${path},"x");console.log("  token-"+fs.readFileSync(${path},"utf8").length+"\\n")`;
}

const source = (command: TokenCommandInfo, now?: () => number) =>
  new TokenCommandSource({ command, env: process.env, now });

const tokenOf = async (subject: TokenCommandSource) =>
  attached((await subject.auth()).authProvider).authorization;

test("[provider/39] output is trimmed and kept until it is too old", async () => {
  await using home = await temporaryDirectory();
  let nowMs = 0;
  const subject = source(node(countingScript(join(home.path, "runs"))), () => nowMs);
  expect(await tokenOf(subject)).toBe("Bearer token-1");
  nowMs = 299_999;
  expect(await tokenOf(subject)).toBe("Bearer token-1");
  nowMs = 300_000;
  expect(await tokenOf(subject)).toBe("Bearer token-2");
});

test("[provider/39b] interval 0 keeps the token until a 401", async () => {
  await using home = await temporaryDirectory();
  let nowMs = 0;
  const command = node(countingScript(join(home.path, "runs")), { refreshIntervalMs: 0 });
  const subject = source(command, () => nowMs);
  await subject.auth();
  nowMs = 1e12;
  expect(await tokenOf(subject)).toBe("Bearer token-1");
  const recovery = subject.unauthorizedRecovery();
  expect([recovery.mode, recovery.phase, recovery.hasNext()]).toEqual([
    "external",
    "external_refresh",
    true,
  ]);
  expect(await recovery.next()).toEqual({ authStateChanged: true });
  expect(await tokenOf(subject)).toBe("Bearer token-2");
  expect([recovery.hasNext(), recovery.unavailableReason()]).toEqual([false, "recovery_exhausted"]);
});

test("[provider/39c] callers at the same time share one run", async () => {
  await using home = await temporaryDirectory();
  const runs = join(home.path, "runs");
  const subject = source(node(countingScript(runs)));
  await Promise.all([subject.auth(), subject.auth(), subject.auth()]);
  expect(await readFile(runs, "utf8")).toBe("x");
});

test.concurrent.each<[string, TokenCommandInfo, RegExp]>([
  [
    "exit code",
    node('console.log("canary-out");console.error("bad thing");process.exit(3)'),
    /exited with status 3: bad thing$/,
  ],
  [
    "a token among its complaints",
    node('console.log("canary-token");console.error("bad canary-token");process.exit(3)'),
    /exited with status 3: bad \[redacted\]$/,
  ],
  [
    "an argument among its complaints",
    ((command) => ({ ...command, args: [...command.args, "--", "--token", "zq7-canary-8"] }))(
      node("console.error(process.argv.at(-1));process.exit(3)"),
    ),
    /exited with status 3: \[redacted\]$/,
  ],
  ["time limit", node("setTimeout(()=>{},60000)", { timeoutMs: 200 }), /timed out after 200 ms$/],
  ["no output", node(""), /produced an empty token$/],
  ["blank output", node('console.log("  ")'), /produced an empty token$/],
  [
    "no text",
    node("process.stdout.write(Buffer.from([0xff,0xfe]))"),
    /wrote non-UTF-8 data to stdout$/,
  ],
  ["no program", { ...node(""), command: "codex-ts-no-such-program" }, /failed to start: ENOENT$/],
])(
  "[provider/40] a command that fails (%s) is an error without its output",
  async (_, command, message) => {
    const error = await source(command)
      .auth()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "token_command_failed" });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("canary");
  },
);

test("[provider/40b] what a failing command says is cut at 200 characters and one line", async () => {
  const command = node('console.error("e".repeat(500)+"\\nmore");process.exit(1)');
  const error = (await source(command)
    .auth()
    .catch((reason: unknown) => reason)) as Error;
  expect(error.message.split(": ").at(-1)).toBe("e".repeat(200));
});

test.skipIf(process.platform === "win32")(
  "[provider/40c] a path is taken from the command's folder, a bare name from PATH",
  async () => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, "bin"));
    const script = join(home.path, "bin", "print-token");
    await writeFile(script, "#!/bin/sh\necho from-script\n");
    await chmod(script, 0o755);
    const base = { args: [], timeoutMs: 5000, refreshIntervalMs: 0 };
    expect(await tokenOf(source({ ...base, command: "bin/print-token", cwd: home.path }))).toBe(
      "Bearer from-script",
    );
    const env = { PATH: `${join(home.path, "bin")}:${process.env["PATH"]}` };
    const byName = new TokenCommandSource({ command: { ...base, command: "print-token" }, env });
    expect(await tokenOf(byName)).toBe("Bearer from-script");
  },
);

test("[provider/40d] a provider whose command fails gives no credentials at all", async () => {
  const info = parseModelProviders(
    { m: { name: "M", auth: { command: process.execPath, args: ["-e", "process.exit(1)"] } } },
    { env: {}, clientVersion: "0.140.0" },
  ).get("m");
  if (info === undefined) throw new Error("no provider");
  const subject = createModelProvider({
    id: "m",
    info,
    env: process.env,
    clientVersion: "0.140.0",
  });
  await expect(subject.apiAuth()).rejects.toMatchObject({ code: "token_command_failed" });
  expect(await subject.authMode?.()).toBe("apikey");
  expect(subject.unauthorizedRecovery?.()?.mode).toBe("external");
});

test("[provider/40e] credentials in what a failing command says are not shown", async () => {
  const said = "Bearer canary-1 eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.c2ln sk-canary-2 at-canary-3";
  const command = node(`console.error("denied: ${said}");process.exit(1)`);
  const error = (await source(command)
    .auth()
    .catch((reason: unknown) => reason)) as Error;
  expect(error.message).toMatch(/denied: (\[redacted\] ?){4}$/);
});

test.concurrent.each<[string, Partial<TokenCommandInfo>, RegExp]>([
  ["a name with a zero byte", { command: "a\0b" }, /failed to start: .* not usable$/],
  ["an argument with a zero byte", { args: ["\0"] }, /failed to start: .* not usable$/],
  ["a folder that is not there", { cwd: "/codex-ts/nowhere" }, /failed to start: ENOENT$/],
  [
    "more output than any token",
    { args: ["-e", "process.stdout.write('x'.repeat(2e6))"] },
    /too much output$/,
  ],
])("[provider/40f] %s is an error like any other", async (_, overrides, message) => {
  const error = await source(node("", overrides))
    .auth()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "token_command_failed" });
  expect((error as Error).message).toMatch(message);
});

test("[provider/40g] arguments reach the program as they are, no shell reads them", async () => {
  const odd = "$(id) `id` ; && | > 'x' \"y\" *";
  const command = node("", { args: ["-e", "console.log(process.argv[1])", odd] });
  expect(await tokenOf(source(command))).toBe(`Bearer ${odd}`);
});

test.skipIf(process.platform === "win32")(
  "[provider/40] a command that waits for input gets none, one that ignores signals is ended all the same",
  async () => {
    const shell = (script: string, timeoutMs: number): TokenCommandInfo => ({
      ...node("", { timeoutMs }),
      command: "sh",
      args: ["-c", script],
    });
    expect(await tokenOf(source(shell("cat; echo token", 5_000)))).toBe("Bearer token");
    const deaf = source(shell("trap '' TERM; while :; do sleep 1; done", 200));
    await expect(deaf.auth()).rejects.toThrow("timed out after 200 ms");
  },
);
