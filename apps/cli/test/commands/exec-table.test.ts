import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  errorExchange,
  failedExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type MockHome, mockHome } from "../support/home.ts";
import { type CliResult, runInProcess, startCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => import("../../src/commands/exec.ts"), 60_000);

interface Outcome {
  readonly exit: number | string | null;
  readonly stdout: string;
  readonly message: string | null;
}

interface Row {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: keyof typeof SCRIPTS;
  readonly signal?: NodeJS.Signals;
  readonly codex: Readonly<Record<"0.171" | "0.140", Outcome>>;
  readonly own?: Partial<Outcome> & { readonly reason: string };
}

const SCRIPTS = {
  message: (): Exchange => messageExchange("Done."),
  refused: (): Exchange => errorExchange(400, { message: "no such model" }),
  failed: (): Exchange => failedExchange({ code: "invalid_prompt", message: "not this one" }),
  endless: (): Exchange => streamExchange([itemAdded(messageItem("", { id: "msg_1" })), hang()]),
};

/** What the real programs did, kept by `pnpm conformance:cli --write`. */
const { rows, messages } = JSON.parse(
  readFileSync(
    new URL("../../../../tooling/conformance/src/cli/rows.json", import.meta.url),
    "utf8",
  ),
) as {
  readonly rows: readonly Row[];
  readonly messages: readonly { readonly kind: string; readonly own: string }[];
};

function outcomeOf({ exitCode, stdout, stderr }: CliResult): Outcome {
  const lines = stderr.split("\n");
  const found = messages.find(({ own }) => lines.some((line) => new RegExp(own).test(line)));
  return { exit: exitCode, stdout: stdoutKind(stdout), message: found?.kind ?? null };
}

function stdoutKind(stdout: string): string {
  if (stdout === "") return "nothing";
  if (!stdout.startsWith("{")) return "text";
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const { type, item } = JSON.parse(line) as { type: string; item?: { type: string } };
      return item === undefined ? type : `${type}(${item.type})`;
    })
    .join(", ");
}

async function homeOf(row: Row): Promise<MockHome> {
  const home = await mockHome([SCRIPTS[row.script ?? "message"]()]);
  const file = join(home.path, "config.toml");
  const text = await readFile(file, "utf8");
  if (row.config !== undefined) {
    const isTable = row.config.startsWith("[");
    await writeFile(file, isTable ? `${text}\n${row.config}\n` : `${row.config}\n${text}`);
  }
  await writeFile(
    join(home.path, "dot.png"),
    Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    ),
  );
  await writeFile(
    join(home.path, "schema.json"),
    '{"type":"object","properties":{},"required":[]}',
  );
  await writeFile(join(home.path, "wrong.json"), "{nope");
  return home;
}

async function run(row: Row, generation: string): Promise<CliResult> {
  await using home = await homeOf(row);
  const args = ["-c", `compatibility="${generation}"`, ...row.args];
  const { signal } = row;
  const env = { ...home.run.env, ...row.env };
  if (signal === undefined) {
    return await runInProcess(args, { ...home.run, env, stdin: row.stdin ?? "" });
  }
  const { child, ended } = startCli(args, { cwd: home.path, env });
  let told = "";
  child.stdout.on("data", (text: string) => {
    const isFirst = !told.includes("turn.started");
    told += text;
    if (isFirst && told.includes("turn.started")) child.kill(signal);
  });
  child.stdin.end();
  return await ended;
}

describe.each(["0.171", "0.140"] as const)("[cli/exec-table] exec as Codex %s", (generation) => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
    const { reason: _reason, ...own } = row.own ?? {};
    expect(outcomeOf(await run(row, generation))).toEqual({ ...row.codex[generation], ...own });
  });
});
