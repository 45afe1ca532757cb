import { closeSync, constants, openSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { IPty } from "@lydell/node-pty";
import { isExecutable } from "./is-executable.ts";
import type { ProgramStart, StartedProgram } from "./started-program.ts";
import { TerminalInput } from "./terminal-input.ts";
import type { TerminalLibrary } from "./terminal-library.ts";

const SIZE = { cols: 80, rows: 24 };
/** Exit code in Codex of a program that a signal ended, on a terminal. */
const KILLED_EXIT_CODE = 1;

/** Starts a program on a terminal of its own, as the leader of its session. Throws when it cannot be started. */
export function startOnTerminal(start: ProgramStart, library: TerminalLibrary): StartedProgram {
  const [program = "", ...args] = start.command;
  check(start);
  const terminal = library.spawn(program, args, {
    ...SIZE,
    cwd: start.cwd,
    env: start.env,
    name: start.env["TERM"] ?? "dumb",
    // Bytes: a character may come in two pieces.
    encoding: null,
  }) as Terminal;
  // With fewer than two listeners the library throws errors of the terminal where nobody can catch them.
  for (let listeners = 0; listeners < 2; listeners += 1) terminal.on("error", () => {});
  keepOpenUntilExit(terminal);
  return startedProgram(terminal);
}

/**
 * A program may close its descriptors before it ends; many do so as the last thing of all. The library takes that for the end
 * of the terminal and closes its own side, and the system hangs up on a program that is still there: with a signal in place
 * of its exit code. So the program's side is open here as well for as long as the program runs.
 */
function keepOpenUntilExit(terminal: Terminal): void {
  let descriptor: number;
  try {
    descriptor = openSync(terminal.ptsName, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    // It has ended, or there is no descriptor left: then it is as above.
    return;
  }
  let isOpen = true;
  const release = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  terminal.on("close", release);
  // When the program has ended the library begins to wait for `close`, which it forces a while later.
  const once = terminal.once.bind(terminal);
  terminal.once = (event, listener) => {
    once(event, listener);
    if (event === "close") release();
  };
}

/** Members of the library's terminals that its types leave out. */
type Terminal = IPty & {
  /** Path of the side of the program. */
  readonly ptsName: string;
  on(event: "error" | "close", listener: () => void): void;
  once(event: string, listener: () => void): void;
  /** File descriptor of its controlling side, which does not block. */
  readonly fd: number;
};

function startedProgram(terminal: Terminal): StartedProgram {
  const drained = Promise.withResolvers<void>();
  const input = new TerminalInput(terminal.fd);
  terminal.on("close", () => {
    input.close();
    drained.resolve();
  });
  let isGone = false;
  terminal.onExit(() => {
    isGone = true;
  });
  return {
    pid: terminal.pid,
    get isGone() {
      return isGone;
    },
    input,
    drained: drained.promise,
    onOutput: (listener) => {
      // Its type says string, whatever the encoding.
      terminal.onData((chunk: unknown) => listener(chunk as Buffer));
    },
    onExit: (listener) => {
      terminal.onExit(({ exitCode, signal }) => {
        listener(signal === undefined || signal === 0 ? exitCode : KILLED_EXIT_CODE);
      });
    },
    kill: (signal) => terminal.kill(signal),
    // Before it reports the end of the process the library has closed the terminal.
    release: () => {},
  };
}

/** For the library a program that is not there is one that prints an error and ends. */
function check({ command, env }: ProgramStart): void {
  const [program = ""] = command;
  const paths = program.includes("/")
    ? [program]
    : (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  if (!paths.some(isFile)) throw new Error(`spawn ${program} ENOENT`);
}

function isFile(path: string): boolean {
  return isExecutable(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
