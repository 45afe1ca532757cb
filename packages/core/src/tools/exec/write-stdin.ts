import { ArgumentReader, failArguments } from "../arguments.ts";
import { chunkId } from "./exec-command.ts";
import type { ExecSettings } from "./exec-command.ts";
import { WRITE_STDIN_SPEC } from "./exec-specs.ts";
import { EXEC_RESULT_SCHEMA, execOutput } from "./exec-output.ts";
import { callBudget } from "./format-output.ts";
import type { ProgramInput } from "./started-program.ts";
import { clampMs, waitForOutput } from "./wait-for-output.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";

const DEFAULT_YIELD_MS = 250;
const WRITE_YIELD_MS = { min: 250, max: 30_000 };
const POLL_YIELD_MS = { min: 5000, max: 300_000 };
const CONTROL_C = "\u0003";
const AFTER_WRITE_MS = 100;
/** Most input that waits for a command to read it: text for one that never reads must not fill the memory. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** The tool `write_stdin`: interrupts or waits for a command that `exec_command` left running. */
export function writeStdinTool(settings: ExecSettings): Tool {
  return {
    name: "write_stdin",
    kind: "function",
    spec: WRITE_STDIN_SPEC,
    scriptResult: EXEC_RESULT_SCHEMA,
    parallel: false,
    run: (call) => runWriteStdin(settings, call),
  };
}

async function runWriteStdin(settings: ExecSettings, call: ToolCall): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const id = args.signedNumber("session_id") ?? failArguments("missing field `session_id`");
  const chars = args.string("chars") ?? "";
  const session = settings.sessions.use(id);
  if (session === undefined) throw new ToolError(`write_stdin failed: Unknown process id ${id}`);
  const { process } = session;
  const { input } = process;
  const isInterrupt = chars === CONTROL_C && input?.isTerminal !== true;
  if (chars !== "" && !isInterrupt) checkInput(input, chars);
  call.report.emit(
    {
      type: "terminal_interaction",
      call_id: session.callId,
      process_id: String(session.id),
      stdin: chars,
    },
    { toolCallId: call.callId },
  );
  if (isInterrupt) process.signal("SIGINT");
  else if (chars !== "") {
    input?.write(chars);
    // What it makes of the text belongs to this answer, and no time that was asked for is spent on it.
    await waitForOutput(process, { ms: AFTER_WRITE_MS, signal: call.signal });
  }
  const startedMs = settings.now();
  const limits = chars === "" ? POLL_YIELD_MS : WRITE_YIELD_MS;
  const wanted = args.number("yield_time_ms") ?? DEFAULT_YIELD_MS;
  await waitForOutput(process, {
    ms: clampMs(wanted, limits.min, limits.max),
    signal: call.signal,
  });
  // What came meanwhile is for the next call: the model does not read the output of this one.
  call.signal.throwIfAborted();
  const { exitCode } = process;
  if (exitCode !== undefined) settings.sessions.release(id);
  return execOutput(
    {
      chunkId: chunkId(settings.random),
      wallTimeMs: settings.now() - startedMs,
      exitCode,
      sessionId: exitCode === undefined ? id : undefined,
      output: process.takeNewOutput(),
    },
    callBudget(args.number("max_output_tokens"), call.outputBudget, settings.commands),
    settings.commands,
  );
}

function checkInput(input: ProgramInput | undefined, chars: string): void {
  if (input === undefined) {
    throw new ToolError(
      "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open",
    );
  }
  const waiting = input.waitingBytes;
  if (waiting + Buffer.byteLength(chars) > MAX_WAITING_BYTES) {
    throw new ToolError(
      `write_stdin failed: the text and the ${waiting} bytes that the command has not read yet are more than ${MAX_WAITING_BYTES} bytes; write less, or wait until it has read them`,
    );
  }
}
