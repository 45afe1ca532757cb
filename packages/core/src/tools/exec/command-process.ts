import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { OutputBuffer } from "./output-buffer.ts";

/** How long output may still arrive after a process has ended while one of its own children keeps the pipe open. */
const TRAILING_OUTPUT_MS = 100;

export interface CommandStart {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called before any other. */
  readonly onStart: () => void;
  readonly onOutput: (chunk: string) => void;
  /** `output` is everything written, within the limit of the buffer. */
  readonly onExit: (exitCode: number, output: string) => void;
}

/**
 * A running command in a process group of its own, its standard output and error merged in order of arrival, its
 * standard input closed.
 */
export class CommandProcess {
  readonly #child: ChildProcess;
  readonly #all = new OutputBuffer();
  #unread = new OutputBuffer();
  #exitCode: number | undefined;
  #open = true;
  readonly #ended = Promise.withResolvers<void>();

  /** Rejects when the program cannot be started. */
  static async start(start: CommandStart): Promise<CommandProcess> {
    const [program = "", ...args] = start.command;
    const child = spawn(program, args, {
      cwd: start.cwd,
      env: start.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const process = new CommandProcess(child, start);
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        start.onStart();
        resolve();
      });
    });
    return process;
  }

  private constructor(child: ChildProcess, start: CommandStart) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new TextDecoder();
      stream?.on("data", (chunk: Buffer) => {
        this.#all.push(chunk);
        this.#unread.push(chunk);
        start.onOutput(decoder.decode(chunk, { stream: true }));
      });
    }
    child.once("exit", (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      const finish = (): void => {
        clearTimeout(timer);
        if (this.#exitCode !== undefined) return;
        this.#exitCode = exitCode;
        this.#ended.resolve();
        start.onExit(exitCode, this.#all.text());
      };
      const timer = setTimeout(finish, TRAILING_OUTPUT_MS);
      child.once("close", finish);
    });
    child.once("close", () => {
      this.#open = false;
    });
  }

  /** Known once the process has ended; 128 plus the number of the signal that killed it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** True when the command has ended and left children behind that still hold its pipes. */
  get lingers(): boolean {
    return this.#exitCode !== undefined && this.#open;
  }

  /** Settles when the process has ended and its output has arrived. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** What was written since the last call. */
  takeNewOutput(): { readonly text: string; readonly bytes: number } {
    const unread = this.#unread;
    this.#unread = new OutputBuffer();
    return { text: unread.text(), bytes: unread.byteLength };
  }

  /** Signals the whole group; a group that is gone is no error. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    // An open pipe proves that a member of the group is alive, so its number cannot belong to somebody else.
    if (pid === undefined || !this.#open) return;
    try {
      process.kill(-pid, name);
    } catch {
      // Ended between the check and the signal.
    }
  }

  /** Kills the group and lets go of its pipes. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}
