import type { ResponseEvent } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import type { ResponseStream } from "./response-stream.ts";

/** Queue limits: reading stops at whichever comes first. The first is the reference client's. */
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

  #events: (ResponseEvent | undefined)[] = [];
  #weights: number[] = [];
  #head = 0;
  #queuedBytes = 0;
  #paused = false;

  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #waiting: Waiter | undefined;
  #iterated = false;

  constructor(options: {
    readonly upstreamRequestId: string | undefined;
    readonly source: StreamSource;
    readonly signal: AbortSignal | undefined;
  }) {
    this.upstreamRequestId = options.upstreamRequestId;
    this.#source = options.source;
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Adds an event of about `weightBytes`. */
  push(event: ResponseEvent, weightBytes: number): void {
    if (this.#ended) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ value: event, done: false });
      return;
    }
    this.#events.push(event);
    this.#weights.push(weightBytes);
    this.#queuedBytes += weightBytes;
    if (!this.#paused && this.#isFull()) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  /** No more events; the consumer gets those that are queued, then the end. */
  finish(): void {
    if (this.#end()) this.#settleWaiting();
  }

  /** No more events; the consumer gets those that are queued, then the error. */
  fail(error: AnyApiError): void {
    if (!this.#end()) return;
    this.#failure = { reason: error };
    this.#settleWaiting();
  }

  [Symbol.asyncIterator](): AsyncIterator<ResponseEvent, undefined> {
    if (this.#iterated) throw new TypeError("a response stream can be iterated once");
    this.#iterated = true;
    return {
      next: () => this.#next(),
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

  #next(): Promise<IteratorResult<ResponseEvent, undefined>> {
    const event = this.#events[this.#head];
    if (event !== undefined) {
      this.#take();
      return Promise.resolve({ value: event, done: false });
    }
    if (this.#ended) return this.#endResult();
    if (this.#waiting !== undefined) {
      return Promise.reject(
        new TypeError("wait for the previous event before asking for the next"),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<StreamResult>();
    this.#waiting = { resolve, reject };
    return promise;
  }

  #take(): void {
    const head = this.#head;
    this.#queuedBytes -= this.#weights[head] ?? 0;
    this.#events[head] = undefined;
    this.#head = head + 1;
    // Both ways the taken slots go away: at once when all are taken, else in batches, so that the lists stay short.
    if (this.#head === this.#events.length) this.#keepFrom(Number.POSITIVE_INFINITY);
    else if (this.#head >= MAX_QUEUED_EVENTS) this.#keepFrom(this.#head);
    if (this.#paused && !this.#isFull()) {
      this.#paused = false;
      if (!this.#ended) this.#source.resume();
    }
  }

  #keepFrom(index: number): void {
    this.#events = this.#events.slice(index);
    this.#weights = this.#weights.slice(index);
    this.#head = 0;
  }

  #isFull(): boolean {
    const count = this.#events.length - this.#head;
    return count >= MAX_QUEUED_EVENTS || this.#queuedBytes >= MAX_QUEUED_BYTES;
  }

  /** The error is given once; a consumer that asks again sees the end. */
  #endResult(): Promise<StreamResult> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(failure.reason);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }

  #settleWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#endResult().then(waiting.resolve, waiting.reject);
  }

  #dropQueue(): void {
    this.#keepFrom(Number.POSITIVE_INFINITY);
    this.#queuedBytes = 0;
  }

  #leave(): void {
    this.#dropQueue();
    this.#failure = undefined;
    if (!this.#end()) return;
    this.#source.cancel();
    this.#settleWaiting();
  }

  readonly #onAbort = (): void => {
    this.#dropQueue();
    if (!this.#end()) return;
    this.#failure = { reason: this.#signal?.reason };
    this.#source.cancel();
    this.#settleWaiting();
  };
}

type StreamResult = IteratorResult<ResponseEvent, undefined>;

interface Waiter {
  readonly resolve: (result: StreamResult) => void;
  readonly reject: (reason: unknown) => void;
}
