import { killMarkedProcesses } from "./marked-processes.ts";
import { droppedText } from "./format-output.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { ProcessGroup } from "./process-group.ts";
import { startOnPipes } from "./start-on-pipes.ts";
import { startOnTerminal } from "./start-on-terminal.ts";
import type { ProgramInput, ProgramStart, StartedProgram } from "./started-program.ts";
import { loadTerminals } from "./terminal-library.ts";

/** How long output may still arrive after a process has ended while one of its own children keeps the pipe open. */
const TRAILING_OUTPUT_MS = 100;

export interface CommandStart extends ProgramStart {
  /** On a terminal; where there is no library for them, on pipes with an open standard input. */
  readonly tty: boolean;
  /** Whether a line says how much of the output was dropped from its middle. */
  readonly marksDroppedOutput: boolean;
  /** Text in the environment of this command's processes and of no others; `env` holds it. */
  readonly marker: string;
  /** Called before any other. */
  readonly onStart: () => void;
  readonly onOutput: (chunk: string) => void;
  readonly onExit: (exitCode: number, output: CommandOutput) => void;
  /** Work to do before the command counts as ended. Never rejects. */
  readonly cleanUp?: () => Promise<void>;
}

/** Output of a command, within the limit of the buffer. */
export interface CommandOutput {
  readonly text: string;
  /** How much was written, and how much of it `text` lacks. */
  readonly bytes: number;
  readonly droppedBytes: number;
}

/** A running command in a process group of its own, its standard output and error merged in order of arrival. */
export class CommandProcess {
  /** Why a command that should have a terminal runs without. */
  readonly terminalProblem: string | undefined;
  readonly #program: StartedProgram;
  readonly #group: ProcessGroup;
  readonly #marker: string;
  readonly #marksDroppedOutput: boolean;
  readonly #all = new OutputBuffer();
  #unread = new OutputBuffer();
  #exitCode: number | undefined;
  readonly #ended = Promise.withResolvers<void>();

  /** Rejects when the program cannot be started. */
  static async start(start: CommandStart): Promise<CommandProcess> {
    const { library, problem } = start.tty ? await loadTerminals() : {};
    const program =
      library === undefined
        ? await startOnPipes({ ...start, hasInput: start.tty })
        : startOnTerminal(start, library);
    const process = new CommandProcess(program, start, problem);
    start.onStart();
    return process;
  }

  private constructor(program: StartedProgram, start: CommandStart, problem: string | undefined) {
    this.terminalProblem = problem;
    this.#program = program;
    this.#group = new ProcessGroup(program);
    this.#marker = start.marker;
    this.#marksDroppedOutput = start.marksDroppedOutput;
    const decoder = new TextDecoder();
    program.onOutput((chunk) => {
      this.#all.push(chunk);
      this.#unread.push(chunk);
      start.onOutput(decoder.decode(chunk, { stream: true }));
    });
    program.onExit((exitCode) => {
      const finish = (): void => {
        clearTimeout(timer);
        if (this.#exitCode !== undefined) return;
        this.#exitCode = exitCode;
        start.onExit(exitCode, this.#outputOf(this.#all));
        void Promise.resolve(start.cleanUp?.()).then(this.#ended.resolve);
      };
      // The time counts from when the system was last asked for news, which on a busy machine may be long ago: it is asked
      // once more before the output is taken for complete.
      const timer = setTimeout(() => setImmediate(finish), TRAILING_OUTPUT_MS);
      void program.drained.then(finish);
    });
  }

  /** Known once the process has ended; on pipes 128 plus the number of the signal that killed it, on a terminal 1. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** `undefined`: its standard input is closed. */
  get input(): ProgramInput | undefined {
    return this.#program.input;
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
  takeNewOutput(): CommandOutput {
    const unread = this.#unread;
    this.#unread = new OutputBuffer();
    return this.#outputOf(unread);
  }

  #outputOf(buffer: OutputBuffer): CommandOutput {
    const { bytes, droppedBytes } = buffer;
    const separator = this.#marksDroppedOutput ? `\n${droppedText(droppedBytes)}\n` : "";
    return { text: buffer.text(separator), bytes, droppedBytes };
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
    this.#program.release();
  }
}
