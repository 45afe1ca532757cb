import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { openInputPipe, openOutputPipe } from "./command-pipes.ts";
import type { ProgramInput, ProgramStart, StartedProgram } from "./started-program.ts";

/**
 * Starts a program with its standard output and error on one pipe, where the system has one, so that their order is kept.
 * Rejects when it cannot be started.
 */
export async function startOnPipes(
  start: ProgramStart & { readonly hasInput: boolean },
): Promise<StartedProgram> {
  const [program = "", ...args] = start.command;
  const pipe = await openOutputPipe(start.env);
  const inputPipe = start.hasInput ? await openInputPipe(start.env) : undefined;
  try {
    const output = pipe?.writer ?? "pipe";
    const child = spawn(program, args, {
      cwd: start.cwd,
      env: start.env,
      detached: true,
      stdio: [inputPipe?.reader ?? (start.hasInput ? "pipe" : "ignore"), output, output],
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
    const input = inputPipe?.writer ?? child.stdin ?? undefined;
    const started = startedProgram(child, { pid, outputs, input });
    await spawned;
    return started;
  } catch (error) {
    pipe?.reader.destroy();
    inputPipe?.writer.destroy();
    throw error;
  } finally {
    pipe?.closeWriter();
    inputPipe?.closeReader();
  }
}

function startedProgram(
  child: ChildProcess,
  streams: {
    readonly pid: number;
    readonly outputs: readonly Readable[];
    readonly input: Writable | undefined;
  },
): StartedProgram {
  const { pid, outputs, input } = streams;
  const drained = Promise.withResolvers<void>();
  let open = outputs.length;
  for (const output of outputs) {
    // A pipe that breaks is closed, too; whatever was read of it counts.
    output.on("error", () => {});
    output.once("close", () => {
      open -= 1;
      if (open === 0) drained.resolve();
    });
  }
  return {
    pid,
    get isGone() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    input: input && pipeInput(input),
    drained: drained.promise,
    onOutput(listener) {
      for (const output of outputs) output.on("data", listener);
    },
    onExit(listener) {
      child.once("exit", (code, signal) => {
        listener(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    },
    kill: (signal) => void child.kill(signal),
    release() {
      for (const output of outputs) output.destroy();
      input?.destroy();
    },
  };
}

function pipeInput(stdin: Writable): ProgramInput {
  // The reader is gone.
  stdin.on("error", () => {});
  return {
    isTerminal: false,
    get waitingBytes() {
      return stdin.writableLength;
    },
    write: (text) => void stdin.write(text),
  };
}
