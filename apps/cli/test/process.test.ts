import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, open, readFile, readdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  created,
  functionCallExchange,
  gate,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import { isLongForm, waitFor } from "@codex-ts/test-support";
import { describe, expect, inject, test } from "vitest";
import { type MockHome, mockHome } from "./support/home.ts";
import {
  type CliChild,
  childEnvironment,
  collect,
  runInProcess,
  startCli,
} from "./support/run-cli.ts";

const EXEC = ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"];

/** Lines of the trace of the only bundle below `traces`. */
async function readEvents(home: MockHome): Promise<{ type: string; status?: string }[]> {
  const [bundle = ""] = await readdir(join(home.path, "traces"));
  const log = await readFile(join(home.path, "traces", bundle, "trace.jsonl"), "utf8");
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { payload: { type: string; status?: string } }).payload);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isUncollected(pid);
}

/** Whether it is dead and only waits for its parent to look: in a container that can take seconds. Linux tells. */
function isUncollected(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Processes are slow to start on a busy machine; how slow proves nothing. */
const TIMEOUT_MS = 60_000;

const runsForEver = functionCallExchange({
  name: "exec_command",
  args: { cmd: "echo $$ > pid; sleep 600" },
  callId: "call_1",
});

/** Process id of the command of `runsForEver`, once it runs. */
async function startedCommand(home: MockHome): Promise<number> {
  const readPid = async (): Promise<number> =>
    Number(await readFile(join(home.path, "pid"), "utf8").catch(() => "0"));
  return waitFor(readPid, { timeoutMs: TIMEOUT_MS, what: "the command" });
}

describe.concurrent("codex-ts as a process", { timeout: TIMEOUT_MS }, () => {
  test("[cli/process-json] prints JSON lines on stdout and nothing else, and exits at once", async () => {
    await using home = await mockHome([messageExchange("Hello there.", { responseId: "resp_1" })]);
    const { child, ended } = startCli([...EXEC, "-"], home.run);
    child.stdin.end("say hello");
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n").slice(1)).toEqual([
      '{"type":"turn.started"}',
      '{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Hello there."}}',
      '{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":5,"reasoning_output_tokens":0}}',
      "",
    ]);
  });

  // The other signal is that of the next test.
  test.each([["SIGTERM", 143] as const, ...(isLongForm ? [["SIGINT", 1] as const] : [])])(
    "[cli/interrupt] %s cancels the turn, ends the trace and exits with %i",
    async (signal, expected) => {
      const stream = { events: [created("resp_1"), message("An item."), gate("never")] };
      await using home = await mockHome([{ ...stream, requestId: "req_1" }]);
      const { child, ended } = startCli([...EXEC, "--trace", "traces", "hi"], home.run);
      child.stdin.end();
      await home.server.waitForGate("never");
      await waitForLine(child, "An item.");
      child.kill(signal);
      const { exitCode, stdout, stderr } = await ended;
      expect({ exitCode, stderr }).toEqual({ exitCode: expected, stderr: "" });
      expect(kinds(stdout)).toEqual(["thread.started", "turn.started", "item.completed"]);
      const events = await readEvents(home);
      expect(events).toContainEqual(
        expect.objectContaining({ type: "inference_cancelled", upstream_request_id: "req_1" }),
      );
      expect(events).toContainEqual(
        expect.objectContaining({ type: "codex_turn_ended", status: "cancelled" }),
      );
      expect(events.at(-1)?.type).toBe("recording_completed");
    },
  );

  test("[cli/no-orphans] a running command does not survive Ctrl-C, and the session goes on", async () => {
    await using home = await mockHome([runsForEver, messageExchange("On it.")]);
    const { child, ended } = startCli([...EXEC, "--trace", "traces", "hi"], home.run);
    child.stdin.end();
    const pid = await startedCommand(home);
    expect(isAlive(pid)).toBe(true);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 1, stderr: "" });
    const events = await readEvents(home);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "codex_turn_ended", status: "cancelled" }),
    );
    expect(events.at(-1)?.type).toBe("recording_completed");
    await waitFor(() => !isAlive(pid), { timeoutMs: TIMEOUT_MS, what: "the end of the command" });
    const resumed = await runInProcess([...EXEC, "resume", "--last", "Go on."], home.run);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: "" });
    const input = home.server.requests.at(-1)?.bodyText;
    for (const part of ['"hi"', "call_1", "turn_aborted", "Go on."]) expect(input).toContain(part);
  });

  test("[cli/second-signal] a second signal ends the process at once", async () => {
    await using home = await mockHome([runsForEver]);
    const { child, ended } = startCli([...EXEC, "--trace", "traces", "hi"], home.run);
    child.stdin.end();
    const pid = await startedCommand(home);
    // What was recorded before the signals is on its way to the disk, which the second one does not wait for.
    await waitFor(async () =>
      (await readEvents(home)).some(({ type }) => type === "tool_call_started"),
    );
    // Both wait for it when it goes on, in either order; in between it can kill the command but not see its end.
    for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) child.kill(signal);
    expect([130, 143]).toContain((await ended).exitCode);
    expect((await readEvents(home)).at(-1)?.type).not.toBe("recording_completed");
    await waitFor(() => !isAlive(pid), { timeoutMs: TIMEOUT_MS, what: "the end of the command" });
  });

  test("[cli/broken-pipe] says nothing when nobody reads its output any more", async () => {
    const stream = {
      events: [created("resp_1"), gate("closed"), message("unread"), gate("never")],
    };
    await using home = await mockHome([stream]);
    const { child, ended } = startCli([...EXEC, "hi"], home.run);
    child.stdin.end();
    await home.server.waitForGate("closed");
    child.stdout.destroy();
    home.server.release("closed");
    expect(await ended).toMatchObject({ exitCode: 141, stderr: "" });
  });

  test.skipIf(!existsSync("/dev/full"))(
    "[cli/full-disk] an output that cannot be kept is one line and exit code 1",
    async () => {
      await using home = await mockHome([messageExchange("Hello there.")]);
      const full = await open("/dev/full", "w");
      const child = spawn(process.execPath, [inject("builtMain"), ...EXEC, "hi"], {
        cwd: home.path,
        env: { ...childEnvironment, ...home.run.env },
        stdio: ["ignore", full.fd, "pipe"],
      });
      let stderr = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const exitCode = await new Promise((resolve) => child.on("close", resolve));
      await full.close();
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: "error: the output cannot be written: no space is left\n",
      });
    },
  );

  test.skipIf(!existsSync("/dev/full"))(
    "[cli/full-disk] so is that of a command that has done everything before it hears of it",
    async () => {
      const full = await open("/dev/full", "w");
      const child = spawn(process.execPath, [inject("builtMain"), "--version"], {
        env: childEnvironment,
        stdio: ["ignore", full.fd, "ignore"],
      });
      const exitCode = await new Promise((resolve) => child.on("close", resolve));
      await full.close();
      expect(exitCode).toBe(1);
    },
  );

  test("[cli/pnpm-start] one leading -- is accepted and dropped when pnpm passes it on", async (context) => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    // The pnpm that runs the tests saves the long way through npx.
    const running = process.env["npm_execpath"] ?? "";
    const [pnpm, first] = /[\\/]pnpm(?:\.exe)?$/.test(running)
      ? [running, []]
      : ["npx", ["--offline", "-y", "pnpm@12"]];
    const child = spawn(pnpm, [...first, "start", "--", "--help"], {
      cwd: root,
      // The test run has verified the installation; nothing may be installed while tests run.
      env: {
        ...process.env,
        npm_config_verify_deps_before_run: "false",
        pnpm_config_verify_deps_before_run: "false",
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end();
    const { exitCode, stdout, stderr } = await collect(child);
    if (stderr.includes("ENOTCACHED")) context.skip("pnpm is not in the cache of npx");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Usage: codex-ts [options] [command or prompt]");
  });

  test("the program of docs/reference/events.md prints what the agent says", async () => {
    await using home = await mockHome([]);
    const program = join(home.path, "codex-ts");
    await writeFile(
      program,
      `#!/bin/sh\nexec "${process.execPath}" "${inject("builtMain")}" "$@"\n`,
    );
    await chmod(program, 0o755);
    const example = fileURLToPath(new URL("../examples/json-lines.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@codex-ts/source", example], {
      cwd: home.path,
      env: {
        ...childEnvironment,
        ...home.run.env,
        PATH: `${home.path}${delimiter}${home.run.env["PATH"]}`,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end();
    expect(await collect(child)).toEqual({
      exitCode: 0,
      stdout: "Hello from the agent.\n",
      stderr: "",
    });
  });
});

async function waitForLine(child: CliChild, text: string): Promise<void> {
  let seen = "";
  child.stdout.on("data", (chunk: string) => (seen += chunk));
  await waitFor(() => seen.includes(text), { timeoutMs: TIMEOUT_MS, what: text });
}

function kinds(stdout: string): string[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
}
