import { randomUUID } from "node:crypto";
import type { CommandProcess } from "./command-process.ts";
import { commandWatcher } from "./command-watcher.ts";
import { killMarkedProcesses } from "./marked-processes.ts";

const MAX_SESSIONS = 64;
/** The most recently used sessions are never removed to make room. */
const PROTECTED_SESSIONS = 8;
const FIRST_ID = 1000;
const LAST_ID = 99_999;

/** A command the model may come back to. */
export interface CommandSession {
  readonly id: number;
  /** Call that started it. */
  readonly callId: string;
  readonly process: CommandProcess;
}

/** The commands of a thread that run or whose last output has not been read. Ordered by last use. */
export class CommandSessions {
  readonly #sessions = new Map<number, CommandSession>();
  readonly #reserved = new Set<number>();
  /** Commands that are over, but not their children: killed when the thread closes. */
  readonly #lingering = new Set<CommandProcess>();
  readonly #marker = randomUUID();
  readonly #random: () => number;
  #hasCommands = false;
  #hasWarned = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * To be called before a command starts: from then on the watcher ends it with this process. Returns the marker its
   * environment must hold. Rejects when there can be no watcher.
   */
  async own(path: string | undefined): Promise<string> {
    this.#hasCommands = true;
    const watched = process.platform === "win32" ? "" : await commandWatcher.use(this, path);
    return `${watched}/${this.#marker}/${randomUUID()}`;
  }

  /** Runs the function for the first command of the thread that cannot run: the user learns why none does. */
  warnOnce(warn: () => void): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn();
  }

  /** A random number no live session has; it stays taken until `release`. */
  reserveId(): number {
    const count = LAST_ID - FIRST_ID + 1;
    let id = FIRST_ID + Math.floor(this.#random() * count);
    while (this.#sessions.has(id) || this.#reserved.has(id)) {
      id = id === LAST_ID ? FIRST_ID : id + 1;
    }
    this.#reserved.add(id);
    return id;
  }

  /** Forgets a session: its command is over, or never began. */
  release(id: number): void {
    this.#reserved.delete(id);
    const process = this.#sessions.get(id)?.process;
    for (const other of this.#lingering) {
      if (!other.lingers) this.#lingering.delete(other);
    }
    if (process?.lingers) this.#lingering.add(process);
    this.#sessions.delete(id);
  }

  /** Keeps a session, making room where the limit is reached. */
  async add(session: CommandSession): Promise<void> {
    this.#reserved.delete(session.id);
    this.#sessions.set(session.id, session);
    if (this.#sessions.size <= MAX_SESSIONS) return;
    const removable = [...this.#sessions.values()].slice(0, -PROTECTED_SESSIONS);
    const removed =
      removable.find((candidate) => candidate.process.exitCode !== undefined) ?? removable[0];
    if (removed === undefined) return;
    this.#sessions.delete(removed.id);
    await removed.process.kill();
  }

  /** The session, now the most recently used one. */
  use(id: number): CommandSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Kills every command that is left and everything that commands have started, wherever it went. */
  async close(): Promise<void> {
    const processes = [...this.#sessions.values()].map((session) => session.process);
    processes.push(...this.#lingering);
    this.#sessions.clear();
    this.#lingering.clear();
    await Promise.all(processes.map((process) => process.kill()));
    if (this.#hasCommands) await killMarkedProcesses(this.#marker);
    commandWatcher.release(this);
  }
}
