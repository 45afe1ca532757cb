import { writeSync } from "node:fs";
import type { TextOutput } from "./cli-process.ts";

export interface StandardOutputOptions {
  readonly descriptor: number;
  /** Opens the stream of the descriptor. */
  readonly open: () => NodeJS.WriteStream;
  /** Told about text that could not be written; may be called again for later text. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  readonly platform: NodeJS.Platform;
}

/**
 * Standard output or error of this process. To open their streams takes longer than many a command, so text goes
 * straight to the descriptor, in order and waiting for the reader, as the streams of Node do it on POSIX. The stream
 * is opened when its kind is asked for, where writing would not wait, and on Windows, whose consoles need it.
 */
export class StandardOutput implements TextOutput {
  readonly #options: StandardOutputOptions;
  #stream: NodeJS.WriteStream | undefined;

  constructor(options: StandardOutputOptions) {
    this.#options = options;
  }

  get isTTY(): boolean {
    return this.#open().isTTY;
  }

  get columns(): number {
    return this.#open().columns;
  }

  write(text: string): void {
    if (this.#stream !== undefined || this.#options.platform === "win32") this.#open().write(text);
    else this.#writeDirectly(Buffer.from(text));
  }

  #writeDirectly(bytes: Uint8Array): void {
    const { descriptor, onError } = this.#options;
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const problem = error as NodeJS.ErrnoException;
      if (problem.code === "EAGAIN") this.#open().write(bytes.subarray(at));
      else onError(problem);
    }
  }

  #open(): NodeJS.WriteStream {
    if (this.#stream === undefined) {
      this.#stream = this.#options.open();
      this.#stream.on("error", this.#options.onError);
    }
    return this.#stream;
  }
}
