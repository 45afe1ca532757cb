import { commandWatcher } from "./command-watcher.ts";
import type { StartedProgram } from "./started-program.ts";

/** The process group a command leads, owned from its start until nobody is left in it. */
export class ProcessGroup {
  readonly #leader: Pick<StartedProgram, "pid" | "isGone" | "onExit" | "kill">;

  /** `leader` runs, and leads a group of its own. */
  constructor(leader: Pick<StartedProgram, "pid" | "isGone" | "onExit" | "kill">) {
    this.#leader = leader;
    commandWatcher.tell("+", leader.pid);
    leader.onExit(() => commandWatcher.tell(this.hasMembers ? "~" : "-", leader.pid));
  }

  get hasMembers(): boolean {
    const { isGone, pid } = this.#leader;
    if (!isGone) return true;
    // As long as a group has members the system does not give its number away: a process that has it is somebody else's.
    return !exists(pid) && exists(-pid);
  }

  /** A group that is over is no error. */
  signal(name: NodeJS.Signals): void {
    if (!this.hasMembers) return;
    try {
      // Windows has no groups: there only the command itself is reached.
      if (process.platform === "win32") this.#leader.kill(name);
      else process.kill(-this.#leader.pid, name);
    } catch {
      // Ended between the check and the signal.
    }
  }

  /** Lets go of the group, once it was killed or is over. */
  disown(): void {
    commandWatcher.tell("-", this.#leader.pid);
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
