import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import { toComparable } from "../compare/comparable.ts";
import type { ComparableRun } from "../compare/comparable.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { observeServer } from "../compare/observe-server.ts";
import { settleParallelCommands } from "../compare/settle-parallel-commands.ts";
import { writeHome, writeSlowGit, writeWorkspace } from "./home.ts";
import type { LiveScenario } from "./live-scenario.ts";
import { type ProcessCommand, runProcess } from "./process.ts";
import type { Program } from "./program.ts";

/** The run of one program in one scenario. */
export interface ProgramRun {
  readonly comparable: ComparableRun;
  readonly stderr: string;
  /** Requests the script did not foresee. */
  readonly unexpected: readonly string[];
}

/** Runs a program against a server of its own, in a home and a working directory of its own. */
export async function runProgram(
  program: Program,
  scenario: LiveScenario,
  options: { readonly isTraced: boolean; readonly compatibility: Compatibility },
): Promise<ProgramRun> {
  await using server = await startResponsesServer({
    script: scenario.script,
    handshakes: scenario.handshakes ?? [],
  });
  const root = await realpath(await mkdtemp(join(tmpdir(), "conformance-")));
  try {
    const home = join(root, "home");
    const workspace = join(root, "workspace");
    const traces = join(root, "traces");
    const tools = join(root, "tools");
    for (const folder of [home, workspace, traces, tools]) await mkdir(folder);
    if (scenario.hasSlowGit === true) await writeSlowGit(tools);
    const { compatibility } = options;
    await writeHome(home, { ...scenario, compatibility, baseUrl: server.url });
    await writeWorkspace(workspace, scenario);
    const result = await runProcess(
      execCommand(program, {
        prompt: scenario.prompt ?? "go",
        cwd: workspace,
        env: {
          ...programEnvironment(home, options.isTraced ? traces : undefined),
          PATH: `${tools}${delimiter}${process.env["PATH"] ?? ""}`,
        },
      }),
    );
    const events = readJsonLines(result.stdout);
    const run = {
      ...observeServer(server),
      exitCode: result.exitCode,
      events: scenario.hasParallelCommands === true ? settleParallelCommands(events) : events,
    };
    const places = { workspace, host: `${server.host}:${server.port}` };
    return {
      comparable: toComparable(replaceIds(run, places)),
      stderr: result.stderr,
      unexpected: server.unexpectedRequests.map(({ reason }) => reason),
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The environment both programs get; nothing of the caller's but the search path. */
export function programEnvironment(
  home: string,
  traceRoot: string | undefined,
): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    CODEX_HOME: home,
    MOCK_KEY: "sk-mock-key",
    TERM: "xterm",
    LANG: "C.UTF-8",
    TZ: "UTC",
    SHELL: "/bin/bash",
    NO_PROXY: "127.0.0.1,localhost",
    ...(traceRoot !== undefined && { CODEX_ROLLOUT_TRACE_ROOT: traceRoot }),
  };
}

/** A program with the arguments every comparison uses. */
export function execCommand(
  program: Program,
  options: Pick<ProcessCommand, "cwd" | "env"> & {
    readonly prompt: string;
    /** Words before the prompt that say which session goes on. Default: a new one. */
    readonly continuation?: readonly string[];
  },
): ProcessCommand {
  const { prompt, continuation = [], cwd, env } = options;
  return {
    cwd,
    env: { ...env, ...program.env },
    command: program.command,
    args: [
      ...program.args,
      "exec",
      "--json",
      "--dangerously-bypass-approvals-and-sandbox",
      "--skip-git-repo-check",
      ...program.execArgs,
      ...continuation,
      prompt,
    ],
  };
}

function readJsonLines(text: string): JsonObject[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonObject);
}
