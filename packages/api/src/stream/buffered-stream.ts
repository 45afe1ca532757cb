import type { ResponseEvent } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import { BoundedQueue } from "../internal/bounded-queue.ts";
import type { ResponseStream } from "./response-stream.ts";

/** Queue limits: reading stops at whichever comes first. The first is Codex's. */
const MAX_QUEUED_EVENTS = 1600;
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

/** Where the events of a `BufferedStream` come from. */
export interface StreamSource {
  /** Stop reading. */
  pause(): void;
  /** Read on. */
  resume(): void;
  /** The consumer left, or the caller aborted: close the connection now. Called at most once, never after the end. */
  cancel(): void;
}

/**
 * The consumer's side of a response stream: a bounded queue that pauses its source when full. Exactly one end: `finish`,
 * `fail`, or the consumer's leaving; what comes after an end is dropped.
 */
export class BufferedStream implements ResponseStream {
  readonly upstreamRequestId: string | undefined;
  readonly #source: StreamSource;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: BoundedQueue<ResponseEvent>;
  #iterated = false;

  constructor(options: {
    readonly upstreamRequestId: string | undefined;
    readonly source: StreamSource;
    readonly signal: AbortSignal | undefined;
  }) {
    const { source } = options;
    this.upstreamRequestId = options.upstreamRequestId;
    this.#source = source;
    this.#queue = new BoundedQueue({
      maxCount: MAX_QUEUED_EVENTS,
      maxBytes: MAX_QUEUED_BYTES,
      onFull: () => source.pause(),
      onRoom: () => source.resume(),
    });
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Adds an event of about `weightBytes`. */
  push(event: ResponseEvent, weightBytes: number): void {
    this.#queue.push(event, weightBytes);
  }

  /** No more events; the consumer gets those that are queued, then the end. */
  finish(): void {
    if (this.#queue.end()) this.#stopListening();
  }

  /** No more events; the consumer gets those that are queued, then the error. */
  fail(error: AnyApiError): void {
    if (this.#queue.end({ reason: error })) this.#stopListening();
  }

  [Symbol.asyncIterator](): AsyncIterator<ResponseEvent, undefined> {
    if (this.#iterated) throw new TypeError("a response stream can be iterated once");
    this.#iterated = true;
    const queue = this.#queue;
    return {
      next: () => queue.take(),
      return: () => {
        this.#leave();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
    return Promise.resolve();
  }

  #leave(): void {
    if (!this.#queue.close()) return;
    this.#stopListening();
    this.#source.cancel();
  }

  readonly #onAbort = (): void => {
    if (this.#queue.close({ reason: this.#signal?.reason })) this.#source.cancel();
  };

  #stopListening(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
