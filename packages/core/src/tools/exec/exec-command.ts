import { resolve } from "node:path";
import { abortedCommandText } from "../aborted-text.ts";
import { ArgumentReader } from "../arguments.ts";
import type { CommandProcess } from "./command-process.ts";
import { ExecReporter } from "./exec-reporter.ts";
import { EXEC_COMMAND_SPEC } from "./exec-specs.ts";
import { EXEC_RESULT_SCHEMA, execOutput } from "./exec-output.ts";
import { callBudget, shortenOutput } from "./format-output.ts";
import { parseCommand } from "./parsed-command/parse-command.ts";
import { shellByName } from "./shell-by-name.ts";
import { shellJoin } from "./shell-quote.ts";
import { UNSTARTED_EXIT_CODE, startCommand, unstartedOutput } from "./start-command.ts";
import type { CommandSettings } from "./start-command.ts";
import { clampMs, waitForOutput } from "./wait-for-output.ts";
import type { SandboxedCommand } from "../sandbox/sandbox.ts";
import { policyName } from "../../policies.ts";
import type { ApprovalPolicy, SandboxMode } from "../../policies.ts";
import { admitCommand } from "./admit-command.ts";
import type { RefusalTexts } from "./admit-command.ts";
import { rejected } from "./approve-command.ts";
import type { CommandApprovalSettings } from "./approve-command.ts";
import type { WantedCommand } from "../../exec-policy/command-verdict.ts";
import { ShellReader } from "../../exec-policy/shell-commands.ts";
import { readEscalation } from "./read-escalation.ts";
import { runPatchCommand } from "../patch/patch-command.ts";
import type { PatchSettings } from "../patch/patch-settings.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";

const DEFAULT_YIELD_MS = 10_000;
const MIN_YIELD_MS = 250;
const MAX_YIELD_MS = 30_000;

/** Before the report of a patch: Codex measures nothing here. */
const PATCH_HEAD = "Wall time: 0.0000 seconds\nOutput:\n";

/** Settings the commands of a model share. */
export interface ExecSettings extends PatchSettings, CommandSettings, CommandApprovalSettings {
  readonly shell: string;
  readonly random: () => number;
}

/** The tool `exec_command`: runs a shell command and reports its output, or that it still runs. */
export function execCommandTool(settings: ExecSettings): Tool {
  return {
    name: "exec_command",
    kind: "function",
    spec: EXEC_COMMAND_SPEC,
    scriptResult: EXEC_RESULT_SCHEMA,
    parallel: true,
    run: (call) => runExecCommand(settings, call),
  };
}

async function runExecCommand(settings: ExecSettings, call: ToolCall): Promise<ToolOutput> {
  const args = readArguments(settings, call);
  const patched = await runPatchCommand(args, settings, call);
  if (patched !== undefined) return { output: PATCH_HEAD + patched };
  const { command, cwd } = args;
  const { now, commands } = settings;
  const reader = await ShellReader.load(commands.approvals);
  const actions = parseCommand(command, reader);
  const reporter = new ExecReporter(call, {
    command,
    cwd,
    parsed: actions,
    source: "unified_exec_startup",
    now,
    format: (output) => shortenOutput(output, call.outputBudget, commands),
  });
  const notStarted = (reason: string): string => failedText(settings, command, rejected(reason));
  const texts: RefusalTexts = {
    refused: notStarted,
    denied: notStarted,
    nobodyToAsk: nobodyToAskText,
    noSandbox: noSandboxText,
  };
  const wanted = { ...args, actions, reader };
  const sandbox = await admitCommand(settings, call, wanted, { reporter, texts });
  const sessionId = settings.sessions.reserveId();
  try {
    const { callId } = call;
    const process = await start(settings, args, { reporter, sessionId, callId, sandbox });
    const startedMs = settings.now();
    await settings.sessions.add({ id: sessionId, callId: call.callId, process });
    await waitForOutput(process, { ms: args.yieldMs, signal: call.signal });
    if (call.signal.aborted) {
      await process.kill();
      settings.sessions.release(sessionId);
      return { output: abortedCommandText(settings.now() - startedMs, settings.commands) };
    }
    const { exitCode } = process;
    if (exitCode !== undefined) settings.sessions.release(sessionId);
    return execOutput(
      {
        chunkId: chunkId(settings.random),
        wallTimeMs: settings.now() - startedMs,
        exitCode,
        sessionId: exitCode === undefined ? sessionId : undefined,
        output: process.takeNewOutput(),
        terminalProblem: process.terminalProblem,
      },
      callBudget(args.maxOutputTokens, call.outputBudget, settings.commands),
      settings.commands,
    );
  } catch (error) {
    settings.sessions.release(sessionId);
    throw error;
  }
}

/** By what a command is known while it runs. */
interface CommandIds {
  readonly reporter: ExecReporter;
  readonly sessionId: number;
  readonly callId: string;
  readonly sandbox: SandboxedCommand;
}

interface ExecArguments extends WantedCommand {
  readonly tty: boolean;
  readonly cwd: string;
  readonly yieldMs: number;
  readonly maxOutputTokens: number | undefined;
}

function readArguments(settings: ExecSettings, call: ToolCall): ExecArguments {
  const args = new ArgumentReader(call.input);
  const cmd = args.requiredString("cmd");
  const login = args.boolean("login") ?? true;
  const shell = chosenShell(args.string("shell"), settings);
  const command = [shell, login ? "-lc" : "-c", cmd];
  return {
    command,
    ...readEscalation(args, call, settings.commands.approvals),
    cwd: resolve(call.cwd, args.string("workdir") ?? ""),
    tty: args.boolean("tty") ?? false,
    yieldMs: clampMs(args.number("yield_time_ms") ?? DEFAULT_YIELD_MS, MIN_YIELD_MS, MAX_YIELD_MS),
    maxOutputTokens: args.number("max_output_tokens"),
  };
}

async function start(
  settings: ExecSettings,
  { command, cwd, tty }: ExecArguments,
  { reporter, sessionId, callId, sandbox }: CommandIds,
): Promise<CommandProcess> {
  try {
    return await startCommand(settings, {
      callId,
      command: sandbox.command,
      environment: sandbox.environment,
      cwd,
      tty,
      onStart: () => reporter.began(sessionId),
      onOutput: (chunk) => reporter.output(chunk),
      onExit: (exitCode, output) => reporter.ended(exitCode, output),
      cleanUp: () => sandbox.release(),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await sandbox.release();
    if (settings.commands.failedStart === "is_shown") {
      reporter.began(undefined);
      reporter.ended(UNSTARTED_EXIT_CODE, unstartedOutput(reason));
    }
    throw new ToolError(failedText(settings, command, reason));
  }
}

function failedText(
  { commands }: ExecSettings,
  command: readonly string[],
  reason: string,
): string {
  const which = commands.failedStart === "is_named" ? ` for \`${shellJoin(command)}\`` : "";
  return `exec_command failed${which}: ${reason}`;
}

function chosenShell(given: string | undefined, settings: ExecSettings): string {
  if (given === undefined) return settings.shell;
  const isSearched = settings.commands.givenShell === "by_name";
  return isSearched ? shellByName(given, settings.shell, settings.env["PATH"]) : given;
}

function nobodyToAskText(policy: ApprovalPolicy): string {
  return `exec_command refused: approval policy \`${policyName(policy)}\` has this command approved first and nobody can be asked here, so no command was run; the user can allow commands with --dangerously-bypass-approvals-and-sandbox, approval_policy = "never" or a rule in a rules file`;
}

/** Why no command may run, and what the user can do about it. */
function noSandboxText(mode: SandboxMode, problem: string): string {
  return `exec_command refused: sandbox mode \`${mode}\` cannot be enforced here, so no command was run: ${problem}; the user can also allow all commands with --dangerously-bypass-approvals-and-sandbox or sandbox_mode = "danger-full-access"`;
}

/** Six hexadecimal digits that tell reports apart. */
export function chunkId(random: () => number): string {
  return Math.floor(random() * 0x100_0000)
    .toString(16)
    .padStart(6, "0");
}
