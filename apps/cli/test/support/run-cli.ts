import { type ChildProcessByStdio, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type { CliProcess } from "../../src/cli-process.ts";
import { runCli } from "../../src/run-cli.ts";

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** Runs a command line in this process. The environment holds what is given and nothing else. */
export async function runInProcess(
  args: readonly string[],
  options: CliRunOptions,
  overrides: Partial<CliProcess> = {},
): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCli(args, {
    ...processWith(options),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    ...overrides,
  });
  return { exitCode, stdout, stderr };
}

/** What a command line sees of a process that prints nothing. */
export function processWith({ cwd, env = {}, stdin }: CliRunOptions): CliProcess {
  return {
    env: { CODEX_HOME: cwd, ...env },
    cwd,
    homeDirectory: cwd,
    commandName: "codex-ts",
    stdin: stdin === undefined ? { isTTY: true, ...noInput } : inputOf(stdin),
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    messageStreams: () => ({ input: Readable.from([]), output: new PassThrough() }),
    openUrl: () => undefined,
    interrupted: new AbortController().signal,
  };
}

const noInput = {
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {},
};

function inputOf(stdin: string | Uint8Array): AsyncIterable<Uint8Array | string> {
  return {
    async *[Symbol.asyncIterator]() {
      yield stdin;
    },
  };
}

/** What a child of the built program has. Code it compiled is found by the next ones, and goes when the build does. */
export const childEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  NODE_COMPILE_CACHE: join(dirname(inject("builtMain")), "compile-cache"),
};

/** Sources stay where they are, and compiling them is most of their start-up time: it is kept from run to run. */
const sourceEnvironment = {
  ...childEnvironment,
  NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-test-compile-cache"),
};

const SOURCE = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export type CliChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the command line as a process of its own: as built, or from source as in a checkout. */
export function startCli(
  args: readonly string[],
  {
    cwd,
    env = {},
    from = "build",
  }: Omit<CliRunOptions, "stdin"> & { readonly from?: "build" | "source" },
): { readonly child: CliChild; readonly ended: Promise<CliResult> } {
  const isBuilt = from === "build";
  const program = isBuilt ? [inject("builtMain")] : ["--conditions=@codex-ts/source", SOURCE];
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: {
      ...(isBuilt ? childEnvironment : sourceEnvironment),
      HOME: cwd,
      CODEX_HOME: cwd,
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return { child, ended: collect(child) };
}

/** Waits for a child and everything it printed. */
export async function collect(child: CliChild): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { exitCode, stdout, stderr };
}
