import { stat } from "node:fs/promises";
import { newUuidV4 } from "@codex-ts/protocol";
import type { ExecCommandEndEvent } from "@codex-ts/protocol";
import { message } from "../context/context-messages.ts";
import { CommandProcess } from "../tools/exec/command-process.ts";
import { commandEnvironment } from "../tools/exec/command-environment.ts";
import { wireDuration } from "../tools/wire-duration.ts";
import type { TurnContext } from "./turn-context.ts";

/** How a command of the user ended. */
interface ShellResult {
  readonly exitCode: number;
  readonly output: string;
}

const UNSTARTED_EXIT_CODE = -1;

/**
 * Runs a command that the user asked for, with all the rights the user has, and records for the model what it did. No
 * request is sent. Rejects with the reason of an abort, after the command has been killed.
 */
export async function runShellCommand(turn: TurnContext, text: string): Promise<void> {
  const { facts } = turn.thread;
  const { cwd } = turn.settings;
  const startedMs = facts.now();
  const itemId = turn.thread.nextItemId();
  const common = {
    call_id: newUuidV4(),
    turn_id: turn.turnId,
    command: [facts.shell, "-lc", text],
    cwd,
    parsed_cmd: [{ type: "unknown", cmd: text }],
    source: "user_shell",
  } as const;
  const onOutput = (chunk: string): void => {
    if (chunk === "") return;
    const bytes = Buffer.from(chunk, "utf8").toString("base64");
    const delta = { call_id: common.call_id, stream: "stdout", chunk: bytes } as const;
    turn.emit({ type: "exec_command_output_delta", ...delta }, { itemId });
  };
  turn.emit({ type: "exec_command_begin", ...common, started_at_ms: startedMs }, { itemId });
  const { exitCode, output } = await run(turn, { ...common, onOutput });
  const endedMs = facts.now();
  const durationMs = endedMs - startedMs;
  const status: ExecCommandEndEvent["status"] = exitCode === 0 ? "completed" : "failed";
  turn.emit(
    {
      type: "exec_command_end",
      ...common,
      completed_at_ms: endedMs,
      stdout: output,
      stderr: "",
      aggregated_output: output,
      exit_code: exitCode,
      duration: wireDuration(durationMs),
      formatted_output: output,
      status,
    },
    { itemId },
  );
  record(turn, text, { exitCode, output, durationMs });
  turn.signal.throwIfAborted();
}

async function run(
  turn: TurnContext,
  command: {
    readonly call_id: string;
    readonly command: readonly string[];
    readonly cwd: string;
    readonly onOutput: (chunk: string) => void;
  },
): Promise<ShellResult> {
  const { facts } = turn.thread;
  const { cwd, onOutput } = command;
  const { sessions, profile, env, threadId } = facts;
  // Node reports a missing working directory as a missing program.
  const directory = await stat(cwd).catch(() => undefined);
  if (directory?.isDirectory() !== true) return unstarted(`no such working directory: ${cwd}`);
  let ended: ShellResult | undefined;
  try {
    const marker = await sessions.own(env["PATH"]);
    const settings = { env, threadId, commands: profile.commands };
    const process = await CommandProcess.start({
      command: command.command,
      cwd,
      tty: false,
      marksDroppedOutput: profile.commands.marksDroppedOutput,
      env: commandEnvironment(settings, command.call_id, marker),
      marker,
      onStart: () => {},
      onOutput,
      onExit: (exitCode, output) => {
        ended = { exitCode, output: output.text };
      },
    });
    const stop = (): void => void process.kill();
    turn.signal.addEventListener("abort", stop, { once: true });
    if (turn.signal.aborted) stop();
    await process.ended;
    turn.signal.removeEventListener("abort", stop);
    // What it has left behind in its group goes with it.
    if (process.lingers) await process.kill();
  } catch (error) {
    return unstarted(error instanceof Error ? error.message : String(error));
  }
  if (turn.signal.aborted) return { exitCode: -1, output: "command aborted by user" };
  return ended ?? unstarted("it ended without a word");
}

function unstarted(reason: string): ShellResult {
  return { exitCode: UNSTARTED_EXIT_CODE, output: `Failed to start the command: ${reason}` };
}

/** The tags are machine-read, the same in 0.140 and 0.171. */
function record(
  turn: TurnContext,
  text: string,
  { exitCode, output, durationMs }: ShellResult & { readonly durationMs: number },
): void {
  const seconds = (durationMs / 1000).toFixed(4);
  const shown = turn.thread.facts.history.shortened(output);
  const result = `Exit code: ${exitCode}\nDuration: ${seconds} seconds\nOutput:\n${shown}`;
  const item = message("user", [
    `<user_shell_command>\n<command>\n${text}\n</command>\n<result>\n${result}\n</result>\n</user_shell_command>`,
  ]);
  turn.record(item, { contentKinds: ["shell.user_command"] });
}
