import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { killMarkedProcesses } from "./marked-processes.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { openOutputPipe } from "./output-pipe.ts";
import { ProcessGroup } from "./process-group.ts";

/** How long output may still arrive after a process has ended while one of its own children keeps the pipe open. */
const TRAILING_OUTPUT_MS = 100;

export interface CommandStart {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Holds the marker. */
  readonly env: Readonly<Record<string, string>>;
  /** Text in the environment of this command's processes and of no others. */
  readonly marker: string;
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
  readonly #group: ProcessGroup;
  readonly #marker: string;
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
    try {
      const output = pipe?.writer ?? "pipe";
      const child = spawn(program, args, {
        cwd: start.cwd,
        env: start.env,
        detached: true,
        stdio: ["ignore", output, output],
      });
      // Before anything else of it is used: what could not be started has neither number nor streams, and says why here.
      child.on("error", () => {});
      const spawned = once(child, "spawn");
      const { pid } = child;
      if (pid === undefined) {
        await spawned;
        throw new Error(`spawn ${program} failed`);
      }
      const outputs = [pipe?.reader ?? child.stdout, child.stderr].filter(
        (readable) => readable !== null,
      );
      const process = new CommandProcess(child, new ProcessGroup(child, pid), outputs, start);
      await spawned;
      start.onStart();
      return process;
    } catch (error) {
      pipe?.reader.destroy();
      throw error;
    } finally {
      pipe?.closeWriter();
    }
  }

  private constructor(
    child: ChildProcess,
    group: ProcessGroup,
    outputs: readonly Readable[],
    start: CommandStart,
  ) {
    this.#group = group;
    this.#marker = start.marker;
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
      // The time counts from when the system was last asked for news, which on a busy machine may be long ago: it is asked
      // once more before the output is taken for complete.
      const timer = setTimeout(() => setImmediate(finish), TRAILING_OUTPUT_MS);
      void drained.promise.then(finish);
    });
  }

  /** Known once the process has ended; 128 plus the number of the signal that killed it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** True when the command has ended and left children behind in its group. */
  get lingers(): boolean {
    return this.#exitCode !== undefined && this.#group.hasMembers;
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
    this.#group.signal(name);
  }

  /** Kills the group and the processes that left it, and lets go of its pipes. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await killMarkedProcesses(this.#marker);
    await this.ended;
    this.#group.disown();
    for (const output of this.#outputs) output.destroy();
  }
}
