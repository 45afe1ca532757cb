import { constants, createZstdDecompress } from "node:zlib";
import type { ZstdDecompress } from "node:zlib";
import { SHARD_WINDOW_LOG } from "../../format/shard.ts";
import type { ZstdFrameDecoder } from "./zstd-decoder.ts";

const PIECE_BYTES = 64 * 1024;

/** Decompresses with Node's zstd, which works beside the main thread. Refuses windows that Codex refuses. */
export function nodeZstdDecoder(): ZstdFrameDecoder {
  const stream = createZstdDecompress({
    chunkSize: PIECE_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: SHARD_WINDOW_LOG },
  });
  // Failures come back from the writes; without a listener they would end the process.
  stream.on("error", () => {});
  return {
    async *push(bytes, isFrameEnd) {
      const writing = new Writing(stream, bytes);
      for (;;) {
        const piece = stream.read() as Uint8Array<ArrayBuffer> | null;
        if (piece !== null) {
          yield piece;
          release(piece);
        } else if (writing.isDone) break;
        // A full stream goes on decompressing only when it is read from.
        else await writing.progress();
      }
      if (isFrameEnd) stream.destroy();
    },
    close() {
      stream.destroy();
    },
  };
}

/** One write to a stream that is read from meanwhile. */
class Writing {
  readonly #stream: ZstdDecompress;
  #error: Error | undefined;
  #isDone = false;
  #wake: () => void = () => {};

  constructor(stream: ZstdDecompress, bytes: Uint8Array) {
    this.#stream = stream;
    stream.write(bytes, (error) => {
      this.#isDone = true;
      this.#error = error ?? undefined;
      this.#wake();
    });
  }

  /** Whether all was decompressed; throws if it could not be. */
  get isDone(): boolean {
    if (this.#error !== undefined) throw this.#error;
    return this.#isDone;
  }

  async progress(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.once("readable", resolve);
    });
    this.#stream.removeListener("readable", this.#wake);
  }
}

/**
 * Frees the memory of a piece when the stream has filled all of it. Left to the garbage collector, tens of megabytes
 * would pile up.
 */
function release({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength === PIECE_BYTES && byteOffset + byteLength === PIECE_BYTES)
    buffer.transfer(0);
}
