import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";
import type { BrotliDecompress, Gunzip, Inflate, ZstdDecompress } from "node:zlib";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerText } from "../headers/response-headers.ts";
import type { BodyConsumer, BodySource } from "./response-body.ts";

type Decompressor = Gunzip | Inflate | BrotliDecompress | ZstdDecompress;

/** Largest window a zstd response may ask for, as a power of two: the 8 MiB that HTTP allows (RFC 9659). */
const MAX_ZSTD_WINDOW_LOG = 23;

const DECOMPRESSORS: ReadonlyMap<string, () => Decompressor> = new Map<string, () => Decompressor>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
  [
    "zstd",
    () =>
      createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG } }),
  ],
]);

/** Descriptions of damage, by the code of the decompressor's error. */
const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ["Z_BUF_ERROR", "ends early"],
  ["ZSTD_error_frameParameter_windowTooLarge", "needs more memory than a response may use"],
]);

/** Compressed bytes kept while the decompressor is busy, before the server is made to wait. */
const MAX_WAITING_BYTES = 256 * 1024;

/**
 * Decompresses the body of a response on its way to a consumer. `undefined` when the response is not compressed, or in an
 * unknown way: then the consumer gets the bytes as they are.
 */
export function contentDecoder(
  headers: ResponseHeaders,
  source: BodySource,
): ContentDecoder | undefined {
  const encoding = headerText(headers, "content-encoding")?.trim().toLowerCase() ?? "";
  const create = DECOMPRESSORS.get(encoding);
  return create && new ContentDecoder({ encoding, create, source });
}

/**
 * One side takes the compressed bytes of the wire, the other passes the decompressed ones to the consumer as soon as they
 * are known. Pausing reaches both, so that a small response cannot become a large one in memory: the limit is up to the
 * consumer. Data that is damaged or ends early is an error after everything before it was handed on.
 */
export class ContentDecoder implements BodyConsumer, BodySource {
  readonly #encoding: string;
  readonly #create: () => Decompressor;
  readonly #source: BodySource;
  #decompressor: Decompressor;
  #consumer: BodyConsumer | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  /** The decompressor has given everything it will ever give. */
  #isFrameEnd = false;
  #isPaused = false;
  #isEmpty = true;
  /** How the bytes of the wire ended. */
  #end: { readonly error: Error | undefined } | undefined;
  #over = false;

  constructor(options: {
    readonly encoding: string;
    readonly create: () => Decompressor;
    readonly source: BodySource;
  }) {
    this.#encoding = options.encoding;
    this.#create = options.create;
    this.#source = options.source;
    this.#decompressor = this.#start();
  }

  /** Says who gets the decompressed bytes; to be called before the first of them. */
  attach(consumer: BodyConsumer): void {
    this.#consumer = consumer;
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    this.#isEmpty = false;
    // Copied, because the transport may use its buffer again.
    this.#wait(Buffer.from(chunk));
    this.#feed();
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#source.pause();
  }

  onEnd(): void {
    this.#finish({ error: undefined });
  }

  onError(error: Error): void {
    this.#finish({ error });
  }

  pause(): void {
    this.#isPaused = true;
    this.#decompressor.pause();
    if (this.#end === undefined) this.#source.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#decompressor.resume();
    this.#resumeSource();
  }

  abort(): void {
    this.#stop();
    this.#source.abort();
  }

  release(): void {
    this.#stop();
    this.#source.release();
  }

  #finish(end: { readonly error: Error | undefined }): void {
    if (this.#over) return;
    this.#end = end;
    // No bytes are no answer that could be damaged: that of a HEAD request, for one.
    if (this.#isEmpty) this.#settle(undefined);
    else this.#feed();
  }

  #start(): Decompressor {
    const decompressor = this.#create();
    decompressor.on("data", (chunk: Buffer) => {
      if (!this.#over) this.#consumer?.onData(chunk);
    });
    decompressor.once("end", () => {
      this.#isFrameEnd = true;
      this.#feed();
    });
    decompressor.once("error", (error: NodeJS.ErrnoException) => {
      if (!this.#over) this.#settle(this.#damage(error));
    });
    if (this.#isPaused) decompressor.pause();
    return decompressor;
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Hands the decompressor the next bytes, one piece at a time, so that it is known which of them it has used. */
  #feed(): void {
    if (this.#isWriting || this.#over) return;
    if (this.#isFrameEnd) {
      if (this.#waiting.length === 0 && this.#end !== undefined) {
        this.#settle(undefined);
        return;
      }
      // Node's decompressors end with a frame that others follow in the same piece: a new one goes on from there.
      this.#isFrameEnd = false;
      this.#decompressor = this.#start();
    }
    const piece = this.#waiting.shift();
    if (piece === undefined) {
      if (this.#end !== undefined) this.#decompressor.end();
      return;
    }
    this.#waitingBytes -= piece.length;
    this.#isWriting = true;
    const decompressor = this.#decompressor;
    const usedBefore = decompressor.bytesWritten;
    decompressor.write(piece, (error) => {
      this.#isWriting = false;
      if (this.#over || error) return;
      const rest = piece.subarray(decompressor.bytesWritten - usedBefore);
      if (rest.length === 0) this.#resumeSource();
      else {
        this.#waiting.unshift(rest);
        this.#waitingBytes += rest.length;
        // What was decompressed is handed on before the end of the frame is known.
        if (!this.#isFrameEnd) return;
      }
      this.#feed();
    });
  }

  #resumeSource(): void {
    if (this.#end !== undefined || this.#over || this.#isPaused) return;
    if (this.#waitingBytes <= MAX_WAITING_BYTES) this.#source.resume();
  }

  /** A connection that broke says more than the data it left unfinished. */
  #settle(damage: Error | undefined): void {
    const error = this.#end?.error ?? damage;
    this.#stop();
    if (error === undefined) this.#consumer?.onEnd();
    else this.#consumer?.onError(error);
  }

  #stop(): void {
    this.#over = true;
    this.#waiting = [];
    this.#decompressor.destroy();
  }

  #damage(error: NodeJS.ErrnoException): Error {
    const data = `the ${this.#encoding} data of the response`;
    const { code, message } = error;
    const problem = (code && PROBLEMS.get(code)) ?? `is damaged: ${message}`;
    return new Error(`${data} ${problem}`, { cause: error });
  }
}
