import type { ToolCall } from "../tool.ts";
import { shortenOutput } from "./format-output.ts";
import { shellJoin } from "./shell-quote.ts";

/** Most output of one command that is told as it comes; a flood must not fill the memory of a slow client. */
const MAX_TOLD_CHARACTERS = 1024 * 1024;

/** What does not change over the life of one command. */
interface CommandFacts {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly now: () => number;
}

/** Tells clients and the trace about one command: its start, its output, its end. */
export class ExecReporter {
  readonly #call: ToolCall;
  readonly #facts: CommandFacts;
  #startedMs = 0;
  #processId = "";
  #itemId = "";
  #toldCharacters = 0;

  constructor(call: ToolCall, facts: CommandFacts) {
    this.#call = call;
    this.#facts = facts;
  }

  began(sessionId: number): void {
    this.#startedMs = this.#facts.now();
    this.#processId = String(sessionId);
    this.#call.report.runtimeEvent({
      type: "exec_command_begin",
      ...this.#common(),
      started_at_ms: this.#startedMs,
    });
    this.#itemId = this.#call.report.itemStarted(this.#item("in_progress", null, ""));
  }

  output(chunk: string): void {
    if (chunk === "" || this.#toldCharacters >= MAX_TOLD_CHARACTERS) return;
    this.#toldCharacters += chunk.length;
    this.#call.report.outputDelta(this.#itemId, chunk);
  }

  ended(exitCode: number, output: string): void {
    const endedMs = this.#facts.now();
    const status = exitCode === 0 ? "completed" : "failed";
    this.#call.report.runtimeEvent({
      type: "exec_command_end",
      ...this.#common(),
      completed_at_ms: endedMs,
      stdout: output,
      stderr: "",
      aggregated_output: output,
      exit_code: exitCode,
      duration: duration(endedMs - this.#startedMs),
      formatted_output: shortenOutput(output, this.#call.outputBudget),
      status,
    });
    this.#call.report.itemCompleted(this.#itemId, this.#item(status, exitCode, output));
  }

  /** The command was not allowed to run. */
  declined(): void {
    const item = this.#item("declined", null, "");
    this.#call.report.itemCompleted(this.#call.report.itemStarted(item), item);
  }

  #item(
    status: "in_progress" | "completed" | "failed" | "declined",
    exitCode: number | null,
    output: string,
  ): {
    readonly type: "command_execution";
    readonly command: string;
    readonly aggregated_output: string;
    readonly exit_code: number | null;
    readonly status: typeof status;
  } {
    return {
      type: "command_execution",
      command: shellJoin(this.#facts.command),
      aggregated_output: output,
      exit_code: exitCode,
      status,
    };
  }

  #common(): {
    readonly call_id: string;
    readonly process_id: string;
    readonly turn_id: string;
    readonly command: readonly string[];
    readonly cwd: string;
    readonly parsed_cmd: readonly [{ readonly type: "unknown"; readonly cmd: string }];
    readonly source: "unified_exec_startup";
  } {
    const { command, cwd } = this.#facts;
    return {
      call_id: this.#call.callId,
      process_id: this.#processId,
      turn_id: this.#call.turnId,
      command,
      cwd,
      parsed_cmd: [{ type: "unknown", cmd: command.at(-1) ?? "" }],
      source: "unified_exec_startup",
    };
  }
}

function duration(ms: number): { readonly secs: number; readonly nanos: number } {
  const whole = Math.max(0, ms);
  return { secs: Math.floor(whole / 1000), nanos: Math.round((whole % 1000) * 1_000_000) };
}
