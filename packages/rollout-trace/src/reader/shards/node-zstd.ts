import { constants, createZstdDecompress } from "node:zlib";
import { SHARD_WINDOW_LOG } from "../../format/shard.ts";
import type { ZstdFrameDecoder } from "./zstd-decoder.ts";

const PIECE_BYTES = 256 * 1024;

/** Decompresses with Node's zstd, which works beside the main thread. Refuses windows that Codex refuses. */
export function nodeZstdDecoder(): ZstdFrameDecoder {
  return new NodeFrameDecoder();
}

class NodeFrameDecoder implements ZstdFrameDecoder {
  readonly #stream = createZstdDecompress({
    chunkSize: PIECE_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: SHARD_WINDOW_LOG },
  });
  #failure: unknown;
  #isWriting = false;
  /** Ends the wait for something to read, or for nothing more to come. */
  #wake: () => void = () => {};

  constructor() {
    this.#stream.on("readable", () => {
      this.#wake();
    });
    // Of a failure the write that led to it may never hear.
    this.#stream.on("error", (error) => {
      this.#fail(error);
    });
    this.#stream.on("close", () => {
      this.#fail(new Error("the stream was closed"));
    });
  }

  async *push(bytes: Uint8Array, isFrameEnd: boolean): AsyncGenerator<Uint8Array, void> {
    this.#isWriting = true;
    this.#stream.write(bytes, () => {
      this.#isWriting = false;
      this.#wake();
    });
    for (;;) {
      const piece = this.#stream.read() as Uint8Array<ArrayBuffer> | null;
      if (piece !== null) {
        yield piece;
        release(piece);
      } else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#isWriting) await this.#progress();
      else break;
    }
    if (isFrameEnd) this.close();
  }

  close(): void {
    this.#stream.destroy();
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
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
