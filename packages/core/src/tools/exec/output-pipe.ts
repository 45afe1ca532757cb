import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

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
 * out of the other, and a socket cannot be opened as `/dev/stdout`. Node has no call for a pipe, so it is a FIFO that
 * loses its name at once.
 *
 * `undefined` where there is no `mkfifo` or no directory for it.
 */
export async function openOutputPipe(
  env: Readonly<Record<string, string>>,
): Promise<OutputPipe | undefined> {
  const path = join(env["TMPDIR"] || "/tmp", `codex-ts-${randomUUID()}`);
  let reader: number | undefined;
  try {
    await promisify(execFile)("mkfifo", ["-m", "600", path], { env });
    reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    // Opened by itself, not copied: the command's end must block when it is full, whatever the reader's does.
    const writer = openSync(path, constants.O_WRONLY);
    return {
      reader: new Socket({ fd: reader, readable: true, writable: false }),
      writer,
      closeWriter: () => closeSync(writer),
    };
  } catch {
    if (reader !== undefined) closeSync(reader);
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}
