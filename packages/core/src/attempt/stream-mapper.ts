import { StreamError } from "@codex-ts/api";
import type { ResponseEvent, ResponseItem, TokenUsage } from "@codex-ts/protocol";
import { EventQueue } from "./event-queue.ts";

/** Reason text of every cancelled inference record. Machine-read; the same in the reference client. */
export const STREAM_DROPPED_REASON = "response stream dropped before provider terminal event";

const CLOSED_EARLY = "stream closed before response.completed";

/** Writes how one attempt ended. The first call counts, later ones do nothing (see `InferenceAttempt`). */
export interface TerminalRecorder {
  /** Hears of a finished item before it can enter history. */
  observeOutputItem?(item: ResponseItem): void;
  recordCompleted(facts: {
    readonly responseId: string;
    readonly upstreamRequestId: string | undefined;
    readonly tokenUsage: TokenUsage | null;
    readonly outputItems: readonly ResponseItem[];
  }): void;
  recordFailed(facts: {
    readonly error: string;
    readonly upstreamRequestId: string | undefined;
    readonly outputItems: readonly ResponseItem[];
  }): void;
  recordCancelled(facts: {
    readonly reason: string;
    readonly upstreamRequestId: string | undefined;
    readonly outputItems: readonly ResponseItem[];
  }): void;
}

/** How an attempt ended, told once. */
export type StreamTerminal =
  | {
      readonly status: "completed";
      readonly responseId: string;
      readonly usage: TokenUsage | null;
    }
  | { readonly status: "failed"; readonly error: unknown; readonly message: string }
  | { readonly status: "cancelled" };

/** What the next request of a WebSocket connection may continue from. */
export interface LastResponse {
  /** The Responses API's `response.id`; never the transport's request id. */
  readonly responseId: string;
  readonly itemsAdded: readonly ResponseItem[];
}

/** What is mapped, where its end is recorded, and who hears of it. */
export interface MapResponseEventsOptions {
  /** One response. Disposed, where it can be, as soon as nobody wants more of it. */
  readonly source: AsyncIterable<ResponseEvent> & Partial<AsyncDisposable>;
  /** `x-request-id` of the response, or `undefined` when it had none (WebSocket, fixtures). */
  readonly upstreamRequestId: string | undefined;
  readonly attempt: TerminalRecorder;
  /** Text of a failure as it is recorded and shown. */
  readonly describeError: (error: unknown) => string;
  /** Sees each event when it arrives, before any waiting, and the end once. What these two throw is dropped. */
  readonly onEvent?: (event: ResponseEvent) => void;
  readonly onTerminal?: (terminal: StreamTerminal, upstreamRequestId: string | undefined) => void;
  /** Aborting closes the stream; the consumer's next read rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A response stream on its way to one consumer. Break, `close`, dispose and abort have the same effect: the source is
 * released and the attempt recorded as cancelled, unless its end was known already.
 */
export interface MappedResponseStream extends AsyncIterable<ResponseEvent>, AsyncDisposable {
  readonly upstreamRequestId: string | undefined;
  /** Settles when the end is known: `undefined` unless the response completed. Never rejects. */
  readonly lastResponse: Promise<LastResponse | undefined>;
  close(): Promise<void>;
}

/**
 * Reads a response eagerly, at most `RESPONSE_STREAM_CHANNEL_CAPACITY` events or `RESPONSE_STREAM_CHANNEL_BYTES` ahead
 * of the consumer, and records its end in the trace exactly once, with the finished items seen so far.
 *
 * Source: core spec 1.12.
 */
export function mapResponseEvents(options: MapResponseEventsOptions): MappedResponseStream {
  return new StreamMapper(options);
}

class StreamMapper implements MappedResponseStream {
  readonly upstreamRequestId: string | undefined;
  readonly lastResponse: Promise<LastResponse | undefined>;
  readonly #options: MapResponseEventsOptions;
  readonly #queue = new EventQueue();
  readonly #resolveLastResponse: (last: LastResponse | undefined) => void;
  readonly #onAbort = (): void => void this.#stop(this.#options.signal?.reason);
  #source: AsyncIterator<ResponseEvent> | undefined;
  #itemsAdded: ResponseItem[] = [];
  #ended = false;
  #released: Promise<void> | undefined;
  #iterated = false;

  constructor(options: MapResponseEventsOptions) {
    this.#options = options;
    this.upstreamRequestId = options.upstreamRequestId;
    const { promise, resolve } = Promise.withResolvers<LastResponse | undefined>();
    this.lastResponse = promise;
    this.#resolveLastResponse = resolve;
    if (options.signal?.aborted) this.#onAbort();
    else {
      options.signal?.addEventListener("abort", this.#onAbort, { once: true });
      void this.#pump();
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<ResponseEvent> {
    if (this.#iterated) throw new TypeError("a response stream can be iterated only once");
    this.#iterated = true;
    return {
      next: () => this.#queue.take(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  close(): Promise<void> {
    return this.#stop(undefined);
  }

  /** Never rejects: what the source throws becomes an entry of the queue. */
  async #pump(): Promise<void> {
    try {
      this.#source = this.#options.source[Symbol.asyncIterator]();
      for (;;) {
        const next = await this.#source.next();
        if (this.#queue.closed) return;
        if (next.done) break;
        this.#observe(next.value);
        const room = this.#queue.offer(next.value);
        if (room !== undefined) await room;
        if (this.#queue.closed) return;
      }
      this.#fail(new StreamError(CLOSED_EARLY, { reason: "closed_early" }), CLOSED_EARLY);
    } catch (error) {
      if (this.#queue.closed) return;
      this.#fail(error, this.#options.describeError(error));
    } finally {
      this.#options.signal?.removeEventListener("abort", this.#onAbort);
    }
  }

  #observe(event: ResponseEvent): void {
    // The item counts before it is queued: one whose queueing is interrupted belongs to the partial output.
    if (event.type === "outputItemDone") {
      this.#itemsAdded.push(event.item);
      this.#options.attempt.observeOutputItem?.(event.item);
    }
    this.#tell(() => this.#options.onEvent?.(event));
    if (event.type !== "completed" || this.#ended) return;
    const { responseId, tokenUsage } = event;
    const outputItems = this.#itemsAdded;
    this.#itemsAdded = [];
    const { upstreamRequestId } = this;
    this.#options.attempt.recordCompleted({
      responseId,
      upstreamRequestId,
      tokenUsage,
      outputItems,
    });
    this.#end({ status: "completed", responseId, usage: tokenUsage });
    this.#resolveLastResponse({ responseId, itemsAdded: outputItems });
  }

  #fail(error: unknown, message: string): void {
    if (!this.#ended) {
      const upstreamRequestId = this.upstreamRequestId ?? requestIdOf(error);
      this.#options.attempt.recordFailed({
        error: message,
        upstreamRequestId,
        outputItems: this.#itemsAdded,
      });
      this.#end({ status: "failed", error, message }, upstreamRequestId);
      this.#queue.end(error);
    } else {
      this.#queue.end();
    }
    this.#resolveLastResponse(undefined);
  }

  #stop(reason: unknown): Promise<void> {
    if (this.#released !== undefined) return this.#released;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#queue.close(reason);
    if (!this.#ended) {
      this.#options.attempt.recordCancelled({
        reason: STREAM_DROPPED_REASON,
        upstreamRequestId: this.upstreamRequestId,
        outputItems: this.#itemsAdded,
      });
      this.#end({ status: "cancelled" });
    }
    this.#resolveLastResponse(undefined);
    this.#released = this.#release();
    return this.#released;
  }

  /** Never rejects: the end is recorded, and after an abort nobody waits who could hear of it. */
  async #release(): Promise<void> {
    const { source } = this.#options;
    try {
      if (source[Symbol.asyncDispose] !== undefined) await source[Symbol.asyncDispose]?.();
      // A generator that waits for its own next value answers `return` only after it: nobody can wait for that.
      else this.#source?.return?.()?.catch(() => undefined);
    } catch {
      // A source that cannot be released is left alone.
    }
  }

  #end(terminal: StreamTerminal, upstreamRequestId = this.upstreamRequestId): void {
    this.#ended = true;
    this.#tell(() => this.#options.onTerminal?.(terminal, upstreamRequestId));
  }

  #tell(tell: () => void): void {
    try {
      tell();
    } catch {
      // Who looks on must not be able to break a response, or keep its consumer waiting.
    }
  }
}

/** The upstream request id an API error carries, whichever copy of the api package made it. */
function requestIdOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("upstreamRequestId" in error)) {
    return undefined;
  }
  return typeof error.upstreamRequestId === "string" ? error.upstreamRequestId : undefined;
}
