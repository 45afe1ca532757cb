import type { ChildProcess } from "node:child_process";
import { commandWatcher } from "./command-watcher.ts";

/** The process group a command leads, owned from its start until nobody is left in it. */
export class ProcessGroup {
  readonly #leader: ChildProcess;
  readonly #id: number;

  /** `leader` runs, and leads a group of its own. */
  constructor(leader: ChildProcess, id: number) {
    this.#leader = leader;
    this.#id = id;
    commandWatcher.tell("+", id);
    leader.once("exit", () => commandWatcher.tell(this.hasMembers ? "~" : "-", id));
  }

  get hasMembers(): boolean {
    if (!this.#leaderIsGone) return true;
    // As long as a group has members the system does not give its number away: a process that has it is somebody else's.
    return !exists(this.#id) && exists(-this.#id);
  }

  /** A group that is over is no error. */
  signal(name: NodeJS.Signals): void {
    if (!this.hasMembers) return;
    try {
      // Windows has no groups: there only the command itself is reached.
      if (process.platform === "win32") this.#leader.kill(name);
      else process.kill(-this.#id, name);
    } catch {
      // Ended between the check and the signal.
    }
  }

  /** Lets go of the group, once it was killed or is over. */
  disown(): void {
    commandWatcher.tell("-", this.#id);
  }

  get #leaderIsGone(): boolean {
    return this.#leader.exitCode !== null || this.#leader.signalCode !== null;
  }
}

function exists(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
