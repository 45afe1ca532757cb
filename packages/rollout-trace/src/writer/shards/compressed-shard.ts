import { constants, createZstdCompress } from "node:zlib";
import type { TraceLogFile } from "../file-system.ts";

/** The fastest: what comes again is not written again, so there is little for more effort to find. */
const LEVEL = 1;

/** A shard that is being filled: one zstd frame, which ends with the shard. */
export class CompressedShard {
  readonly #file: TraceLogFile;
  readonly #stream = createZstdCompress({
    params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: LEVEL },
  });
  #failure: { readonly error: unknown } | undefined;
  #settle: () => void = () => {};

  constructor(file: TraceLogFile) {
    this.#file = file;
    this.#stream.on("data", (chunk: Uint8Array) => {
      this.#append(chunk);
    });
    this.#stream.on("error", (error) => {
      this.#fail(error);
    });
  }

  write(record: Uint8Array): void {
    this.#stream.write(record);
  }

  /** Resolves when all that was written can be read from the file. Rejects when the file does not take it. */
  async flush(): Promise<void> {
    await this.#until((done) => {
      this.#stream.flush(constants.ZSTD_e_flush, done);
    });
    // What was compressed by then may still be on its way out of the stream.
    while (this.#stream.readableLength > 0) await nextTurn();
    this.#throwFailure();
  }

  /** Ends the frame and closes the file. */
  async end(): Promise<void> {
    await this.#until((done) => {
      this.#stream.once("end", done);
      this.#stream.end();
    });
    this.#file.close();
    this.#throwFailure();
  }

  /** Lets go of everything as it is. */
  abandon(): void {
    this.#stream.destroy();
    this.#file.close();
  }

  #append(chunk: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      this.#file.append(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#settle();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #until(start: (done: () => void) => void): Promise<void> {
    this.#throwFailure();
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      start(resolve);
    });
    this.#throwFailure();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
