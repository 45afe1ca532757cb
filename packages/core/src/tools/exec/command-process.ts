import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { OutputBuffer } from "./output-buffer.ts";
import { openOutputPipe } from "./output-pipe.ts";

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
  readonly #outputs: readonly Readable[];
  readonly #all = new OutputBuffer();
  #unread = new OutputBuffer();
  #exitCode: number | undefined;
  #open: number;
  readonly #ended = Promise.withResolvers<void>();

  /** Rejects when the program cannot be started. */
  static async start(start: CommandStart): Promise<CommandProcess> {
    const [program = "", ...args] = start.command;
    const pipe = await openOutputPipe(start.env);
    let child: ChildProcess;
    try {
      const output = pipe?.writer ?? "pipe";
      child = spawn(program, args, {
        cwd: start.cwd,
        env: start.env,
        detached: true,
        stdio: ["ignore", output, output],
      });
    } catch (error) {
      pipe?.reader.destroy();
      throw error;
    } finally {
      pipe?.closeWriter();
    }
    const outputs = [pipe?.reader ?? child.stdout, child.stderr].filter(
      (output) => output !== null,
    );
    const process = new CommandProcess(child, outputs, start);
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        start.onStart();
        resolve();
      });
    });
    return process;
  }

  private constructor(child: ChildProcess, outputs: readonly Readable[], start: CommandStart) {
    this.#child = child;
    this.#outputs = outputs;
    this.#open = outputs.length;
    const drained = Promise.withResolvers<void>();
    for (const output of outputs) {
      const decoder = new TextDecoder();
      output.on("data", (chunk: Buffer) => {
        this.#all.push(chunk);
        this.#unread.push(chunk);
        start.onOutput(decoder.decode(chunk, { stream: true }));
      });
      // A pipe that breaks is closed, too; whatever was read of it counts.
      output.on("error", () => {});
      output.once("close", () => {
        this.#open -= 1;
        if (this.#open === 0) drained.resolve();
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
      // When this process was busy, output may wait in the pipe: it is read before the verdict.
      const timer = setTimeout(() => setImmediate(finish), TRAILING_OUTPUT_MS);
      void drained.promise.then(finish);
    });
  }

  /** Known once the process has ended; 128 plus the number of the signal that killed it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** True when the command has ended and left children behind that still hold its pipes. */
  get lingers(): boolean {
    return this.#exitCode !== undefined && this.#open > 0;
  }

  /** Settles when the process has ended and its output has arrived. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The output since the last call. */
  takeNewOutput(): { readonly output: string; readonly outputBytes: number } {
    const unread = this.#unread;
    this.#unread = new OutputBuffer();
    return { output: unread.text(), outputBytes: unread.bytes };
  }

  /** Signals the whole group; a group that is gone is no error. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    // An open pipe proves that a member of the group is alive, so its number cannot belong to somebody else.
    if (pid === undefined || this.#open === 0) return;
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
    for (const output of this.#outputs) output.destroy();
  }
}
