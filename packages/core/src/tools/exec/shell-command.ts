import { resolve } from "node:path";
import type { ParsedCommand } from "@codex-ts/protocol";
import type { WantedCommand } from "../../exec-policy/command-verdict.ts";
import { ShellReader } from "../../exec-policy/shell-commands.ts";
import { ArgumentReader, failArguments } from "../arguments.ts";
import { runPatchCommand } from "../patch/patch-command.ts";
import { truncateMiddle } from "../../history/truncate.ts";
import type { SandboxedCommand } from "../sandbox/sandbox.ts";
import { policyName } from "../../policies.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import type { CommandOutput } from "./command-process.ts";
import type { ExecSettings } from "./exec-command.ts";
import { ExecReporter } from "./exec-reporter.ts";
import { SHELL_COMMAND_SPEC } from "./exec-specs.ts";
import { shortenOutput } from "./format-output.ts";
import { parseCommand } from "./parsed-command/parse-command.ts";
import { admitCommand } from "./admit-command.ts";
import type { RefusalTexts } from "./admit-command.ts";
import { readEscalation } from "./read-escalation.ts";
import { UNSTARTED_EXIT_CODE, startCommand } from "./start-command.ts";
import { waitForOutput } from "./wait-for-output.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** Longest delay of a timer; a longer one would be over at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Exit code of a command that ran out of time. */
const TIMED_OUT_EXIT_CODE = 124;

/** For a model whose user has said no; machine-read, the same in Codex. */
const REJECTED_BY_USER = "exec command rejected by user";

/**
 * The tool `shell_command` of older models: runs a command to its end, or until its time is over. There is no session to
 * come back to.
 */
export function shellCommandTool(
  settings: ExecSettings,
  exposure: NonNullable<Tool["exposure"]>,
): Tool {
  return {
    name: "shell_command",
    kind: "function",
    spec: SHELL_COMMAND_SPEC,
    exposure,
    parallel: true,
    run: (call) => runShellCommand(settings, call),
  };
}

async function runShellCommand(settings: ExecSettings, call: ToolCall): Promise<ToolOutput> {
  const args = readArguments(settings, call);
  const patched = await runPatchCommand(args, settings, call);
  if (patched !== undefined) return { output: patched };
  const reader = await ShellReader.load(settings.commands.approvals);
  const actions = parseCommand(args.command, reader);
  const run = new ShellRun(settings, call, { ...args, actions });
  const wanted = { ...args, tty: false, actions, reader };
  const { reporter } = run;
  return run.toEnd(await admitCommand(settings, call, wanted, { reporter, texts: REFUSALS }));
}

const REFUSALS: RefusalTexts = {
  refused: (reason) => reason,
  denied: () => REJECTED_BY_USER,
  nobodyToAsk: (policy) =>
    refusedText(`approval policy \`${policyName(policy)}\``, "nobody can be asked here"),
  noSandbox: (mode, problem) =>
    refusedText(`sandbox mode \`${mode}\`, which needs a sandbox`, problem),
};

function refusedText(condition: string, problem: string): string {
  return `shell_command refused: no command was run under ${condition}: ${problem}; the user can allow commands with --dangerously-bypass-approvals-and-sandbox`;
}

interface ShellArguments extends WantedCommand {
  readonly cwd: string;
  readonly timeoutMs: number;
}

function readArguments(settings: ExecSettings, call: ToolCall): ShellArguments {
  const args = new ArgumentReader(call.input);
  const script = args.requiredString("command");
  const login = args.boolean("login") ?? true;
  const timeoutMs = args.number("timeout_ms") ?? args.number("timeout") ?? DEFAULT_TIMEOUT_MS;
  if (!Number.isInteger(timeoutMs))
    return failArguments("invalid type of `timeout_ms`, expected an integer");
  return {
    command: [settings.shell, login ? "-lc" : "-c", script],
    ...readEscalation(args, call, settings.commands.approvals, "should not"),
    cwd: resolve(call.cwd, args.string("workdir") ?? ""),
    timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
  };
}

/** With what the command does, as far as its text shows. */
interface ShownArguments extends ShellArguments {
  readonly actions: readonly ParsedCommand[];
}

/** How a command ended. */
interface ShellEnd {
  readonly exitCode: number;
  readonly output: CommandOutput;
  readonly passedMs: number;
}

/** One command from its start to its end. */
class ShellRun {
  readonly reporter: ExecReporter;
  readonly #settings: ExecSettings;
  readonly #call: ToolCall;
  readonly #args: ShownArguments;
  #startedMs = 0;
  #isOver = false;
  #end: ShellEnd | undefined;

  constructor(settings: ExecSettings, call: ToolCall, args: ShownArguments) {
    this.#settings = settings;
    this.#call = call;
    this.#args = args;
    this.reporter = new ExecReporter(call, {
      command: args.command,
      cwd: args.cwd,
      parsed: args.actions,
      source: "agent",
      now: settings.now,
      format: (output) => shortenOutput(this.#worded(output), call.outputBudget, settings.commands),
    });
  }

  async toEnd(sandbox: SandboxedCommand): Promise<ToolOutput> {
    const { sessions } = this.#settings;
    // Children it leaves behind live as long as the thread, like those of commands with a session.
    const id = sessions.reserveId();
    try {
      const process = await this.#start(sandbox);
      await sessions.add({ id, callId: this.#call.callId, process });
      await waitForOutput(process, { ms: this.#args.timeoutMs, signal: this.#call.signal });
      if (process.exitCode === undefined) {
        this.#isOver = !this.#call.signal.aborted;
        await process.kill();
      }
      await process.ended;
    } finally {
      sessions.release(id);
    }
    this.#call.signal.throwIfAborted();
    return this.#output();
  }

  async #start(sandbox: SandboxedCommand): ReturnType<typeof startCommand> {
    try {
      return await startCommand(this.#settings, {
        callId: this.#call.callId,
        command: sandbox.command,
        environment: sandbox.environment,
        hasFixedSettings: false,
        cwd: this.#args.cwd,
        tty: false,
        onStart: () => this.#began(),
        onOutput: (chunk) => this.reporter.output(chunk),
        onExit: (exitCode, output) => this.#ended(exitCode, output),
        cleanUp: () => sandbox.release(),
      });
    } catch (error) {
      const text = `execution error: ${error instanceof Error ? error.message : String(error)}`;
      await sandbox.release();
      this.#began();
      this.#ended(UNSTARTED_EXIT_CODE, { text, bytes: Buffer.byteLength(text), droppedBytes: 0 });
      throw new ToolError(text);
    }
  }

  #began(): void {
    this.#startedMs = this.#settings.now();
    this.reporter.began(undefined);
  }

  #ended(code: number, output: CommandOutput): void {
    const exitCode = this.#isOver ? TIMED_OUT_EXIT_CODE : code;
    this.#end = { exitCode, output, passedMs: this.#settings.now() - this.#startedMs };
    this.reporter.ended(exitCode, output);
  }

  /** The report the model reads; one of a command that failed is a failure of the call. */
  #output(): ToolOutput {
    if (this.#end === undefined) throw new ToolError("the command ended without a word");
    const { exitCode, output, passedMs } = this.#end;
    const { text: whole } = this.#worded(output);
    const short = truncateMiddle(whole, this.#call.outputBudget);
    const lines = countLines(whole);
    const text = [
      `Exit code: ${exitCode}`,
      `Wall time: ${Math.round(passedMs / 100) / 10} seconds`,
      ...(countLines(short) === lines ? [] : [`Total output lines: ${lines}`]),
      "Output:",
      short,
    ].join("\n");
    if (exitCode !== 0) throw new ToolError(text);
    return { output: text };
  }

  /** The output, after the word that it is not all, when time was over. */
  #worded(output: CommandOutput): CommandOutput {
    if (!this.#isOver || this.#end === undefined) return output;
    const head = `command timed out after ${Math.round(this.#end.passedMs)} milliseconds\n`;
    return { ...output, text: head + output.text };
  }
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
