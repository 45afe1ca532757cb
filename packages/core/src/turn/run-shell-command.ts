import { newUuidV4 } from "@codex-ts/protocol";
import { message } from "../context/context-messages.ts";
import { ShellReader } from "../exec-policy/shell-commands.ts";
import type { CommandOutput, CommandProcess } from "../tools/exec/command-process.ts";
import { ExecReporter } from "../tools/exec/exec-reporter.ts";
import { parseCommand } from "../tools/exec/parsed-command/parse-command.ts";
import { UNSTARTED_EXIT_CODE, startCommand, unstartedOutput } from "../tools/exec/start-command.ts";
import type { TurnNote } from "./pending-input.ts";
import type { TurnContext } from "./turn-context.ts";

/** How a command of the user ended. */
interface ShellResult {
  readonly exitCode: number;
  readonly output: CommandOutput;
}

/**
 * Runs a command that the user asked for, with all the rights the user has, and makes a note for the model of what it did: `tell` has to
 * put that into the conversation; by default it is recorded at once. No request is sent. An abort kills the command, which is
 * noted as well.
 */
export async function runShellCommand(
  turn: TurnContext,
  text: string,
  {
    signal = turn.signal,
    tell = (note) => turn.record(note.item, note),
  }: { readonly signal?: AbortSignal; readonly tell?: (note: TurnNote) => void } = {},
): Promise<void> {
  const { shell, now } = turn.thread.facts;
  const { turnId, reporter: report } = turn;
  const { cwd } = turn.settings;
  const callId = newUuidV4();
  const command = [shell, "-lc", text];
  const reader = await ShellReader.load(turn.thread.facts.commands.commands.approvals);
  const parsed = parseCommand(command, reader);
  const reporter = new ExecReporter(
    { callId, turnId, report },
    { command, cwd, parsed, source: "user_shell", now, format: (output) => output.text },
  );
  reporter.began(undefined);
  const { exitCode, output } = await run(turn, { callId, command, cwd, reporter, signal });
  const durationMs = reporter.ended(exitCode, output);
  const shown = turn.thread.facts.history.shortened(output.text);
  tell(toNote(text, { exitCode, shown, durationMs: output === ABORTED ? 0 : durationMs }));
}

async function run(
  { thread }: TurnContext,
  {
    reporter,
    signal,
    ...command
  }: {
    readonly signal: AbortSignal;
    readonly callId: string;
    readonly command: readonly string[];
    readonly cwd: string;
    readonly reporter: ExecReporter;
  },
): Promise<ShellResult> {
  let ended: ShellResult | undefined;
  try {
    const process = await startCommand(thread.facts.commands, {
      ...command,
      tty: false,
      onStart: () => {},
      onOutput: (chunk) => reporter.output(chunk),
      onExit: (exitCode, output) => {
        ended = { exitCode, output };
      },
    });
    await untilEnded(process, signal);
  } catch (error) {
    return unstarted(error instanceof Error ? error.message : String(error));
  }
  if (signal.aborted) return { exitCode: -1, output: ABORTED };
  return ended ?? unstarted("it ended without a word");
}

const ABORTED_TEXT = "command aborted by user";
const ABORTED: CommandOutput = { text: ABORTED_TEXT, bytes: ABORTED_TEXT.length, droppedBytes: 0 };

async function untilEnded(process: CommandProcess, signal: AbortSignal): Promise<void> {
  const stop = (): void => void process.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await process.ended;
  signal.removeEventListener("abort", stop);
  // What it has left behind in its group goes with it.
  if (process.lingers) await process.kill();
}

function unstarted(reason: string): ShellResult {
  return { exitCode: UNSTARTED_EXIT_CODE, output: unstartedOutput(reason) };
}

/** The tags are machine-read, the same in 0.140 and 0.171. */
function toNote(
  text: string,
  {
    exitCode,
    shown,
    durationMs,
  }: { readonly exitCode: number; readonly shown: string; readonly durationMs: number },
): TurnNote {
  const seconds = (durationMs / 1000).toFixed(4);
  const result = `Exit code: ${exitCode}\nDuration: ${seconds} seconds\nOutput:\n${shown}`;
  const item = message("user", [
    `<user_shell_command>\n<command>\n${text}\n</command>\n<result>\n${result}\n</result>\n</user_shell_command>`,
  ]);
  return { type: "note", item, contentKinds: ["shell.user_command"] };
}
