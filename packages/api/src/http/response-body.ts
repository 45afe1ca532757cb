import { isUtf8 } from "node:buffer";

/** Receives the bytes of a response. */
export interface BodyConsumer {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Control over the bytes of a response, whether they come from the wire, out of a decompressor or from a file. */
export interface BodySource {
  pause(): void;
  resume(): void;
  abort(): void;
  /** The response is complete; what follows is of no interest. */
  release(): void;
}

/** Collects a whole body. A body over the limit is an error, because servers are not trusted with our memory. */
export class BodyCollector implements BodyConsumer {
  readonly #chunks: Buffer[] = [];
  readonly #limitBytes: number;
  readonly #done: (result: Buffer | Error) => void;
  #size = 0;
  #truncated = false;
  readonly #overLimit: "truncate" | "fail";

  constructor(options: {
    readonly limitBytes: number;
    /** An error page is cut, a response that is needed whole fails. */
    readonly overLimit: "truncate" | "fail";
    readonly done: (result: Buffer | Error) => void;
  }) {
    this.#limitBytes = options.limitBytes;
    this.#overLimit = options.overLimit;
    this.#done = options.done;
  }

  onData(chunk: Buffer): void {
    if (this.#truncated) return;
    this.#size += chunk.length;
    // Copied, because the transport may use its buffer again.
    this.#chunks.push(Buffer.from(chunk));
    if (this.#size <= this.#limitBytes) return;
    this.#truncated = true;
    const fits = Buffer.concat(this.#chunks).subarray(0, this.#limitBytes);
    const tooLarge = new Error(`the response is larger than ${this.#limitBytes} bytes`);
    this.#done(this.#overLimit === "truncate" ? fits : tooLarge);
  }

  onEnd(): void {
    if (!this.#truncated) this.#done(Buffer.concat(this.#chunks));
  }

  onError(error: Error): void {
    if (this.#truncated) return;
    // What came of an error page still says more than nothing.
    const isUseful = this.#overLimit === "truncate" && this.#size > 0;
    this.#done(isUseful ? Buffer.concat(this.#chunks) : error);
  }
}

/** The body as text, or `undefined` when it is not UTF-8. */
export function bodyText(body: Buffer): string | undefined {
  return isUtf8(body) ? body.toString("utf8") : undefined;
}
