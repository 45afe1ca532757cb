import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { takeFifo } from "./fifos.ts";
import type { Fifo } from "./fifos.ts";

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

type Environment = Readonly<Record<string, string>>;

/** One pipe for everything a command prints. */
export interface OutputPipe {
  /** The output of the command. Ends when nobody holds the other end any more. */
  readonly reader: Readable;
  /** File descriptor for the command's standard output and standard error. */
  readonly writer: number;
  /** Lets go of the writer; to be called once the command has inherited it. */
  closeWriter(): void;
}

/**
 * Opens a pipe. Node's own way leads to two sockets per command: what comes out of the one has no order with what comes
 * out of the other, and a socket cannot be opened as `/dev/stdout`. Node has no call for a pipe, so it is a FIFO without
 * a name (`fifos.ts`).
 *
 * `undefined` where there is no `mkfifo` or no directory for it.
 */
export function openOutputPipe(env: Environment): Promise<OutputPipe | undefined> {
  return openFifo(env, (reader, open) => {
    // Opened by itself, not copied: the command's end must block when it is full, whatever the reader's does.
    const writer = open(O_WRONLY);
    return {
      reader: new Socket({ fd: reader, readable: true, writable: false }),
      writer,
      closeWriter: () => closeSync(writer),
    };
  });
}

/** A pipe for the standard input of a command. */
export interface InputPipe {
  readonly writer: Writable;
  /** File descriptor for the command's standard input. */
  readonly reader: number;
  /** Lets go of the reader; to be called once the command has inherited it. */
  closeReader(): void;
}

/** The same for input: bash takes a socket there for a login over the network and runs the user's start-up file. */
export function openInputPipe(env: Environment): Promise<InputPipe | undefined> {
  return openFifo(env, (first, open) => {
    // There cannot be a writer before there is a reader, and that of the command must block.
    const writer = open(O_WRONLY | O_NONBLOCK);
    const reader = open(O_RDONLY);
    closeSync(first);
    return {
      writer: new Socket({ fd: writer, readable: false, writable: true }),
      reader,
      closeReader: () => closeSync(reader),
    };
  });
}

async function openFifo<Pipe>(
  env: Environment,
  use: (first: number, open: (flags: number) => number) => Pipe,
): Promise<Pipe | undefined> {
  const opened: number[] = [];
  let fifo: Fifo | undefined;
  try {
    fifo = await takeFifo(env);
    const { first, path } = fifo;
    opened.push(first);
    return use(first, (flags) => {
      const descriptor = openSync(path, flags);
      opened.push(descriptor);
      return descriptor;
    });
  } catch {
    for (const descriptor of opened) closeSync(descriptor);
    return undefined;
  } finally {
    fifo?.dropName();
  }
}
