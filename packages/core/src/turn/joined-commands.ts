import { runShellCommand } from "./run-shell-command.ts";
import type { TurnNote } from "./pending-input.ts";
import type { TurnContext } from "./turn-context.ts";

/** A command of the user that runs beside the work of a turn. */
interface JoinedCommand {
  readonly turn: TurnContext;
  readonly done: Promise<void>;
  stop(): void;
}

/** The commands of the user that were begun while a turn ran. They may outlive it; one that is aborted takes them along. */
export class JoinedCommands {
  readonly #running = new Set<JoinedCommand>();

  /**
   * Runs a command as a part of that turn. `toRunningTurn` hands what the model is to know to the turn that runs when the
   * command has ended, and returns false when there is none: then it is recorded at once.
   */
  async run(
    turn: TurnContext,
    command: string,
    toRunningTurn: (note: TurnNote) => boolean,
  ): Promise<void> {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    const tell = (note: TurnNote): void => {
      if (!toRunningTurn(note)) turn.record(note.item, note);
    };
    const done = runShellCommand(turn, command, { signal: abort.signal, tell });
    const joined: JoinedCommand = { turn, done, stop };
    this.#running.add(joined);
    turn.signal.addEventListener("abort", stop, { once: true });
    if (turn.signal.aborted) stop();
    try {
      await done;
    } finally {
      this.#running.delete(joined);
      turn.signal.removeEventListener("abort", stop);
    }
  }

  /** Resolves when the commands of that turn have ended. */
  async settled(turn: TurnContext): Promise<void> {
    const ofTurn = [...this.#running].filter((each) => each.turn === turn);
    await Promise.allSettled(ofTurn.map(({ done }) => done));
  }

  /** Kills all of them. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const command of running) command.stop();
    await Promise.allSettled(running.map(({ done }) => done));
  }
}
