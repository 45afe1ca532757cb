/** Where text for a running program goes. */
export interface ProgramInput {
  /** Whether a terminal stands before it: then what is written is also an output, and control characters are signals. */
  readonly isTerminal: boolean;
  /** Bytes that the program has not read yet and the system does not hold. */
  readonly waitingBytes: number;
  /** A program that reads no more is no error. */
  write(text: string): void;
}

/** A program that runs as the leader of a process group of its own, on pipes or on a terminal. */
export interface StartedProgram {
  /** Number of the process and of its group. */
  readonly pid: number;
  /** Whether the process has ended. */
  readonly isGone: boolean;
  /** `undefined`: its standard input is closed. */
  readonly input: ProgramInput | undefined;
  /** Settles when nobody can write to its output any more. */
  readonly drained: Promise<void>;
  /** Called for each piece of output, both streams merged. */
  onOutput(listener: (chunk: Buffer) => void): void;
  /** Called once, when the process has ended, maybe before its last output. */
  onExit(listener: (exitCode: number) => void): void;
  /** Signals the process alone. */
  kill(signal: NodeJS.Signals): void;
  /** Lets go of its output and input. */
  release(): void;
}

/** How to start a program. */
export interface ProgramStart {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
