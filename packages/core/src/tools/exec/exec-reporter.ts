import type { ExecCommandBeginEvent, ExecCommandEndEvent, ParsedCommand } from "@codex-ts/protocol";
import type { ToolCall } from "../tool.ts";
import { wireDuration } from "../wire-duration.ts";
import type { CommandOutput } from "./command-process.ts";

/** Most output of one command that is emitted as it comes; a flood must not fill the memory of a slow client. */
const MAX_STREAMED_CHARACTERS = 1024 * 1024;

/** Facts that do not change over the life of one command. */
interface CommandFacts {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Its actions, as far as its text shows. */
  readonly parsed: readonly ParsedCommand[];
  /** Who asked for it. */
  readonly source: ExecCommandBeginEvent["source"];
  readonly now: () => number;
  /** The output as it is read by who asked for the command. */
  readonly format: (output: CommandOutput) => string;
}

/** The call a command is reported as. */
type CommandCall = Pick<ToolCall, "callId" | "turnId" | "report">;

/** Emits the moments of one command: its start, its output, its end. */
export class ExecReporter {
  readonly #call: CommandCall;
  readonly #facts: CommandFacts;
  #startedMs = 0;
  #processId: string | undefined;
  #itemId = "";
  #streamedCharacters = 0;

  constructor(call: CommandCall, facts: CommandFacts) {
    this.#call = call;
    this.#facts = facts;
  }

  /** `sessionId`: by which the model may ask for more output; none for a command that could not be started. */
  began(sessionId: number | undefined): void {
    this.#startedMs = this.#facts.now();
    this.#processId = sessionId === undefined ? undefined : String(sessionId);
    this.#itemId = this.#call.report.nextItemId();
    this.#call.report.emit(
      { type: "exec_command_begin", ...this.#common(), started_at_ms: this.#startedMs },
      { itemId: this.#itemId },
    );
  }

  output(text: string): void {
    if (text === "" || this.#streamedCharacters >= MAX_STREAMED_CHARACTERS) return;
    this.#streamedCharacters += text.length;
    this.#call.report.emit(
      {
        type: "exec_command_output_delta",
        call_id: this.#call.callId,
        // Both streams of a command arrive in one pipe.
        stream: "stdout",
        chunk: Buffer.from(text, "utf8").toString("base64"),
      },
      { itemId: this.#itemId },
    );
  }

  /** Returns how long the command has run, in milliseconds. */
  ended(exitCode: number, output: CommandOutput): number {
    const endedMs = this.#facts.now();
    const durationMs = endedMs - this.#startedMs;
    this.#end({
      completed_at_ms: endedMs,
      stdout: output.text,
      stderr: "",
      aggregated_output: output.text,
      exit_code: exitCode,
      duration: wireDuration(durationMs),
      formatted_output: this.#facts.format(output),
      status: exitCode === 0 ? "completed" : "failed",
    });
    return durationMs;
  }

  /** The command was not allowed to run. */
  declined(): void {
    this.#itemId = this.#call.report.nextItemId();
    this.#end({
      completed_at_ms: this.#facts.now(),
      stdout: "",
      stderr: "",
      aggregated_output: "",
      exit_code: DECLINED_EXIT_CODE,
      duration: wireDuration(0),
      formatted_output: "",
      status: "declined",
      // What never ran is the agent's wish alone.
      source: "agent",
    });
  }

  #end(
    end: Omit<ExecCommandEndEvent, "type" | keyof CommonFacts> &
      Partial<Pick<ExecCommandEndEvent, "source">>,
  ): void {
    this.#call.report.emit(
      { type: "exec_command_end", ...this.#common(), ...end },
      { itemId: this.#itemId },
    );
  }

  #common(): CommonFacts {
    const { command, cwd, parsed, source } = this.#facts;
    return {
      call_id: this.#call.callId,
      ...(this.#processId !== undefined && { process_id: this.#processId }),
      turn_id: this.#call.turnId,
      command,
      cwd,
      parsed_cmd: parsed,
      source,
    };
  }
}

/** Exit code in Codex of a command that never ran. */
const DECLINED_EXIT_CODE = -1;

type CommonFacts = Omit<ExecCommandBeginEvent, "type" | "started_at_ms">;
