import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolveOriginator } from "@codex-ts/api";
import type { TurnInput } from "@codex-ts/core";
import type { CliProcess } from "./cli-process.ts";
import { fileProblem } from "./errors.ts";

/** A turn that has completed. */
export interface CompletedTurn {
  readonly threadId: string;
  readonly turnId: string;
  /** Working directory of the agent. */
  readonly cwd: string;
  readonly input: readonly TurnInput[];
  readonly lastAgentMessage: string | null;
}

/**
 * Starts the program of `notify` with one argument more, a JSON object, and leaves it to itself. A program that cannot be
 * started is a warning. Source: docs/behavior/core.md 6.4; the same in 0.140 and 0.171.
 */
export async function notifyTurnEnd(
  [program, ...args]: readonly string[],
  turn: CompletedTurn,
  { env, cwd }: Pick<CliProcess, "env" | "cwd">,
  warn: (message: string) => void,
): Promise<void> {
  if (program === undefined) return;
  const notice = {
    type: "agent-turn-complete",
    "thread-id": turn.threadId,
    "turn-id": turn.turnId,
    cwd: turn.cwd,
    client: resolveOriginator(env),
    "input-messages": turn.input.flatMap((part) => (part.type === "text" ? [part.text] : [])),
    "last-assistant-message": turn.lastAgentMessage,
  };
  try {
    const child = spawn(program, [...args, JSON.stringify(notice)], {
      cwd,
      env: { ...env },
      stdio: "ignore",
      detached: true,
    });
    child.unref();
    await once(child, "spawn");
  } catch (error) {
    warn(`notify: ${program} could not be started: ${fileProblem(error)}`);
  }
}
