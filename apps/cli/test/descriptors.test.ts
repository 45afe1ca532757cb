import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { completed, created, functionCall, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { isLongForm, isSoak, startLoginServer } from "@codex-ts/test-support";
import { describe, expect, inject, test } from "vitest";
import { type MockHome, mockHome } from "./support/home.ts";
import { type CliResult, childEnvironment, collect } from "./support/run-cli.ts";

/** Every one in the soak. From 32 on a command runs, some below that not even the watcher can be started. */
const EVERY_LIMIT = Array.from({ length: 37 }, (_, index) => index + 24);
const LIMITS = limitsOfForm();

function limitsOfForm(): readonly number[] {
  if (isSoak) return EVERY_LIMIT;
  return isLongForm ? EVERY_LIMIT.filter((_, index) => index % 5 === 0) : [24, 28, 32, 36];
}

const TIMEOUT_MS = 60_000;

const EXEC = [
  "exec",
  "--json",
  "--dangerously-bypass-approvals-and-sandbox",
  "--trace",
  "traces",
  "hi",
];

/** Runs the command line with at most `limit` open files. */
async function runWithDescriptors(
  limit: number,
  home: MockHome,
  args: readonly string[] = EXEC,
): Promise<CliResult> {
  const child = spawn(
    "/bin/sh",
    ["-c", `ulimit -n ${limit}; exec "$@"`, "sh", process.execPath, inject("builtMain"), ...args],
    {
      cwd: home.path,
      env: { ...childEnvironment, ...home.run.env },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  child.stdin.end();
  return collect(child);
}

async function lastRecord(home: MockHome): Promise<unknown> {
  const [bundle = ""] = await readdir(join(home.path, "traces"));
  const log = await readFile(join(home.path, "traces", bundle, "trace.jsonl"), "utf8");
  return JSON.parse(log.trimEnd().split("\n").at(-1) ?? "");
}

/** One response that calls the tool three times at once. */
const callsThree: Exchange = {
  events: [
    created(),
    ...["1", "2", "3"].map((name) =>
      functionCall(
        "exec_command",
        { cmd: `echo call ${name}; true`, login: false },
        `call_${name}`,
      ),
    ),
    completed(),
  ],
};

describe.skipIf(!existsSync("/bin/sh"))("a process with few descriptors", () => {
  test.each(LIMITS)(
    "[cli/descriptors] of %i it may open ends with a result or a clear error, and so does its bundle",
    async (limit) => {
      await using home = await mockHome([callsThree, messageExchange("Done.")]);
      const { exitCode, stdout, stderr } = await runWithDescriptors(limit, home);
      const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { type: string };
      expect({ limit, exitCode, type: last.type }).toEqual(
        last.type === "turn.completed"
          ? { limit, exitCode: 0, type: "turn.completed" }
          : { limit, exitCode: 1, type: "turn.failed" },
      );
      expect(stderr).toMatch(last.type === "turn.completed" ? /^$/ : /^error: .*EMFILE.*\n$/);
      expect(await lastRecord(home)).toMatchObject({
        payload: { type: expect.stringMatching(/^(rollout_ended|recording_completed)$/) },
      });
      const answers = outputsOf(home);
      expect(answers).toHaveLength(last.type === "turn.completed" ? 3 : answers.length);
      for (const answer of answers) {
        expect(answer).toMatch(/\ncall \d\n$|^exec_command failed(?: for .*)?: spawn \S+ EMFILE$/);
      }
    },
    TIMEOUT_MS,
  );
});

const TOKEN_COMMAND = `
[model_providers.mock.auth]
command = "${process.execPath}"
args = ["-e", "console.log('canary-token')"]
`;

describe.skipIf(!existsSync("/bin/sh"))("credentials and WebSockets with few descriptors", () => {
  const limits = isLongForm ? LIMITS : [24, 30];

  test.each(
    limits.flatMap((limit): [number, string, string][] => [
      [limit, "a WebSocket", "supports_websockets = true"],
      [limit, "a command that prints the token", TOKEN_COMMAND],
    ]),
  )(
    "[cli/descriptors] of %i it may open, with %s",
    async (limit, _, provider) => {
      const response = messageExchange("Done.");
      await using home = await mockHome([response, response], { provider });
      if (provider === TOKEN_COMMAND) {
        const config = await readFile(join(home.path, "config.toml"), "utf8");
        await writeFile(join(home.path, "config.toml"), config.replace(/^env_key.*$/m, ""));
      }
      const result = await runWithDescriptors(limit, home);
      expect(result).toSatisfy(endsClearly);
    },
    TIMEOUT_MS,
  );

  test.each(limits)(
    "[cli/descriptors] of %i it may open, a login ends with a result or a clear error",
    async (limit) => {
      await using home = await mockHome([]);
      await using server = await startLoginServer();
      const args = ["login", "--device-auth", "--experimental_issuer", server.url];
      const result = await runWithDescriptors(limit, home, args);
      expect(result).toSatisfy(endsClearly);
    },
    TIMEOUT_MS,
  );
});

/** Success, or one line that says what the matter is. */
function endsClearly({ exitCode, stdout, stderr }: CliResult): boolean {
  if (/^\s+at |canary-token|Unhandled|node:internal/m.test(stdout + stderr)) return false;
  const isSaid = /^error: .*(EMFILE|no more files can be opened)/m.test(stderr);
  return exitCode === 0 || (exitCode === 1 && isSaid);
}

/** What the model was told about its calls. */
function outputsOf(home: MockHome): string[] {
  const body = home.server.requests.at(-1)?.body as { input: Record<string, string>[] } | undefined;
  return (body?.input ?? []).flatMap(({ type, output = "" }) =>
    type === "function_call_output" ? [output] : [],
  );
}
