import { stat } from "node:fs/promises";
import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import { commandEnvironment } from "./command-environment.ts";
import { CommandProcess } from "./command-process.ts";
import type { CommandOutput, CommandStart } from "./command-process.ts";
import type { CommandSessions } from "./command-sessions.ts";

/** Settings by which every command of a thread is started, those of the model and those of the user. */
export interface CommandSettings {
  readonly threadId: string;
  readonly sessionId?: string | undefined;
  /** Version of the client. */
  readonly clientVersion?: string | undefined;
  readonly commands: CommandForm;
  /** The environment commands inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sessions: CommandSessions;
}

/** Exit code of a command that could not be started. */
export const UNSTARTED_EXIT_CODE = -1;

/** Starts a command in the environment of its thread. The message of the error it rejects with says why it cannot be started. */
export async function startCommand(
  settings: CommandSettings,
  {
    callId,
    environment,
    hasFixedSettings = true,
    ...start
  }: Omit<CommandStart, "env" | "marker" | "marksDroppedOutput"> & {
    readonly callId: string;
    /** Variables besides those every command has. */
    readonly environment?: Readonly<Record<string, string>>;
    /** Whether it is kept from paging, coloring and guessing an encoding. Default true. */
    readonly hasFixedSettings?: boolean;
  },
): Promise<CommandProcess> {
  const { command, cwd } = start;
  // A program reads its arguments up to there: it would run another command than the one that was asked for.
  if ([...command, cwd].some((text) => text.includes("\0"))) throw new Error("it holds a NUL byte");
  // Node reports a missing working directory as a missing program; whoever asked should look at the right one.
  const folder = await stat(cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw new Error(`no such working directory: ${cwd}`);
  const marker = await settings.sessions.own(settings.env["PATH"]);
  return CommandProcess.start({
    ...start,
    marksDroppedOutput: settings.commands.marksDroppedOutput,
    env: { ...commandEnvironment(settings, { callId, marker, hasFixedSettings }), ...environment },
    marker,
  });
}

/** Stands in the place of the output of a command that could not be started. */
export function unstartedOutput(reason: string): CommandOutput {
  const text = `Failed to start the command: ${reason}`;
  return { text, bytes: Buffer.byteLength(text), droppedBytes: 0 };
}
