import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Compatibility } from "@codex-ts/protocol";
import {
  errorExchange,
  failedExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  startResponsesServer,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { writeHome } from "../programs/home.ts";
import type { Program } from "../programs/program.ts";
import { programEnvironment } from "../programs/run-program.ts";
import type { CliOutcome, CliRow } from "./cli-rows.ts";

const SCRIPTS: Readonly<Record<"message" | NonNullable<CliRow["script"]>, () => Exchange>> = {
  message: () => messageExchange("Done."),
  refused: () => errorExchange(400, { message: "no such model" }),
  failed: () => failedExchange({ code: "invalid_prompt", message: "not this one" }),
  endless: () => streamExchange([itemAdded(messageItem("", { id: "msg_1" })), hang()]),
};

const SCHEMA = '{"type":"object","properties":{},"required":[],"additionalProperties":false}';
/** One red dot. */
const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/** No row takes this long; one that waits for something would wait for ever. */
const TIMEOUT_MS = 600_000;

/** Runs a row with a program, in a home and a directory of its own. */
export async function runRow(
  program: Program,
  row: CliRow,
  compatibility: Compatibility,
): Promise<{ exit: CliOutcome["exit"]; stdout: string; stderr: string }> {
  await using server = await startResponsesServer({
    script: [SCRIPTS[row.script ?? "message"]()],
  });
  const root = await realpath(await mkdtemp(join(tmpdir(), "conformance-cli-")));
  try {
    const home = join(root, "home");
    const workspace = join(root, "workspace");
    for (const folder of [home, workspace]) await mkdir(folder);
    await writeHome(home, { compatibility, baseUrl: server.url });
    if (row.config !== undefined) await addConfig(join(home, "config.toml"), row.config);
    await writeFile(join(workspace, "dot.png"), Buffer.from(DOT, "base64"));
    await writeFile(join(workspace, "schema.json"), SCHEMA);
    await writeFile(join(workspace, "wrong.json"), "{nope");
    return await runToEnd(program, row, {
      cwd: workspace,
      env: { ...programEnvironment(home, undefined), ...program.env, ...row.env },
    });
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Keys stand before the first table, tables behind the last one. */
async function addConfig(file: string, lines: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, lines.startsWith("[") ? `${text}\n${lines}\n` : `${lines}\n${text}`);
}

async function runToEnd(
  { command, args }: Program,
  row: CliRow,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ exit: CliOutcome["exit"]; stdout: string; stderr: string }> {
  const child = spawn(command, [...args, ...row.args], {
    cwd,
    env: { ...env },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let isSignaled = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (row.signal === undefined || isSignaled || !stdout.includes("turn.started")) return;
    isSignaled = true;
    child.kill(row.signal);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(row.stdin ?? "");
  const exit = await new Promise<CliOutcome["exit"]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  return { exit, stdout, stderr };
}
