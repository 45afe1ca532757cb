import { StreamError } from "@codex-ts/api";
import type { ResponseEvent, ResponseItem } from "@codex-ts/protocol";
import { AttemptEnd } from "./attempt-end.ts";
import type { StreamTerminal, TerminalRecorder } from "./attempt-end.ts";
import { EventQueue } from "./event-queue.ts";

const CLOSED_EARLY = "stream closed before response.completed";

/** The response that the next request of a WebSocket connection may continue from. */
export interface LastResponse {
  /** The Responses API's `response.id`; never the transport's request id. */
  readonly responseId: string;
  readonly itemsAdded: readonly ResponseItem[];
}

/** One response, where its end is recorded, and who is notified. */
export interface MapResponseEventsOptions {
  /** Disposed, where it can be, as soon as no more of it is wanted. */
  readonly source: AsyncIterable<ResponseEvent> & Partial<AsyncDisposable>;
  /** `x-request-id` of the response, or `undefined` when it had none (WebSocket, fixtures). */
  readonly upstreamRequestId: string | undefined;
  readonly attempt: TerminalRecorder;
  /** Assigns each finished item the identity it keeps, before it is emitted. Default: items stay as they came. */
  readonly identify?: ((item: ResponseItem) => ResponseItem) | undefined;
  /** Text of a failure as it is recorded and shown. */
  readonly describeError: (error: unknown) => string;
  /** Receives each event when it arrives, before any waiting. What it throws is dropped. */
  readonly onEvent?: (event: ResponseEvent) => void;
  /** Receives the end, once, after it was recorded. What it throws is dropped. */
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
 * Source: docs/behavior/core.md 1.12.
 */
export function mapResponseEvents(options: MapResponseEventsOptions): MappedResponseStream {
  const end = new AttemptEnd(options.attempt, (terminal, upstreamRequestId) =>
    options.onTerminal?.(terminal, upstreamRequestId),
  );
  return mapAttempt(options, end);
}

/** `mapResponseEvents` for an attempt that began before its response and may have an end without one. */
export function mapAttempt(options: MapAttemptOptions, end: AttemptEnd): MappedResponseStream {
  return new StreamMapper(options, end);
}

/** The end is not recorded here. */
type MapAttemptOptions = Omit<MapResponseEventsOptions, "attempt" | "onTerminal"> & {
  readonly attempt: Pick<TerminalRecorder, "observeOutputItem">;
};

class StreamMapper implements MappedResponseStream {
  readonly upstreamRequestId: string | undefined;
  readonly lastResponse: Promise<LastResponse | undefined>;
  readonly #options: MapAttemptOptions;
  readonly #end: AttemptEnd;
  readonly #queue = new EventQueue();
  readonly #resolveLastResponse: (last: LastResponse | undefined) => void;
  readonly #onAbort = (): void => void this.#stop(this.#options.signal?.reason);
  #source: AsyncIterator<ResponseEvent> | undefined;
  #itemsAdded: ResponseItem[] = [];
  #released: Promise<void> | undefined;
  #iterated = false;

  constructor(options: MapAttemptOptions, end: AttemptEnd) {
    this.#options = options;
    this.#end = end;
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
        const event = this.#identified(next.value);
        this.#observe(event);
        const room = this.#queue.offer(event);
        if (room !== undefined) await room;
        if (this.#queue.closed) return;
      }
      const { upstreamRequestId } = this;
      const error = new StreamError(CLOSED_EARLY, { reason: "closed_early", upstreamRequestId });
      this.#fail(error, CLOSED_EARLY);
    } catch (error) {
      if (this.#queue.closed) return;
      this.#fail(error, this.#options.describeError(error));
    } finally {
      this.#options.signal?.removeEventListener("abort", this.#onAbort);
    }
  }

  #identified(event: ResponseEvent): ResponseEvent {
    if (event.type !== "outputItemDone") return event;
    const { identify } = this.#options;
    if (identify === undefined) return event;
    const item = identify(event.item);
    return item === event.item ? event : { ...event, item };
  }

  #observe(event: ResponseEvent): void {
    switch (event.type) {
      // The most frequent first.
      case "outputTextDelta":
        this.#notify(event);
        return;
      case "outputItemDone":
        // The item counts before it is queued: one whose queueing is interrupted belongs to the partial output.
        this.#itemsAdded.push(event.item);
        this.#options.attempt.observeOutputItem?.(event.item);
        this.#notify(event);
        return;
      case "completed":
        this.#notify(event);
        this.#complete(event);
        return;
      case "created":
      case "outputItemAdded":
      case "toolCallInputDelta":
      case "reasoningSummaryDelta":
      case "reasoningContentDelta":
      case "reasoningSummaryPartAdded":
      case "serverModel":
      case "modelVerifications":
      case "turnModerationMetadata":
      case "serverReasoningIncluded":
      case "rateLimits":
      case "modelsEtag":
      case "unreadableItem":
      case "other":
        this.#notify(event);
        return;
      default:
        this.#notify(event satisfies never);
    }
  }

  #notify(event: ResponseEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      // An observer must not be able to break a response, or keep its consumer waiting.
    }
  }

  #complete({ responseId, tokenUsage }: Extract<ResponseEvent, { type: "completed" }>): void {
    if (this.#end.isReported) return;
    const outputItems = this.#itemsAdded;
    this.#itemsAdded = [];
    this.#reportEnd({ status: "completed", responseId, usage: tokenUsage }, outputItems);
    this.#resolveLastResponse({ responseId, itemsAdded: outputItems });
  }

  #fail(error: unknown, message: string): void {
    // What breaks after the end was known ends the events, and is no failure.
    if (this.#end.isReported) this.#queue.end();
    else {
      this.#reportEnd({ status: "failed", error, message });
      this.#queue.end(error);
    }
    this.#resolveLastResponse(undefined);
  }

  #stop(reason: unknown): Promise<void> {
    if (this.#released !== undefined) return this.#released;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#queue.close(reason);
    this.#reportEnd({ status: "cancelled" });
    this.#resolveLastResponse(undefined);
    this.#released = this.#release();
    return this.#released;
  }

  /** Does nothing when the end was reported before. */
  #reportEnd(terminal: StreamTerminal, outputItems = this.#itemsAdded): void {
    const { upstreamRequestId } = this;
    this.#end.report(terminal, { upstreamRequestId, outputItems });
  }

  /** Never rejects: the end is recorded, and after an abort nobody waits for the result. */
  async #release(): Promise<void> {
    const { source } = this.#options;
    try {
      if (source[Symbol.asyncDispose] !== undefined) await source[Symbol.asyncDispose]?.();
      // A generator that waits for its own next value runs `return` only after it: nobody can wait for that.
      else this.#source?.return?.()?.catch(() => undefined);
    } catch {
      // A source that cannot be released is left alone.
    }
  }
}
