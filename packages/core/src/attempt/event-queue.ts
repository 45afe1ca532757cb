import { BoundedQueue } from "@codex-ts/api/internal";
import type { QueueFailure } from "@codex-ts/api/internal";
import type { ResponseEvent } from "@codex-ts/protocol";
import { approximateEventBytes } from "./event-size.ts";

/** Events a mapped stream reads ahead of its consumer. Codex's number; exported for tests. */
export const RESPONSE_STREAM_CHANNEL_CAPACITY = 1600;

/** Size of the events read ahead, in approximate bytes; reached before the count only by unusually large events. */
export const RESPONSE_STREAM_CHANNEL_BYTES: number = 8 * 1024 * 1024;

/** Events from the pump of a response to its one consumer. The pump waits while the queue is full. */
export class EventQueue {
  readonly #events = new BoundedQueue<ResponseEvent>({
    // The event that finds the queue full has been read already: it is one more.
    maxCount: RESPONSE_STREAM_CHANNEL_CAPACITY + 1,
    maxBytes: RESPONSE_STREAM_CHANNEL_BYTES,
    onRoom: () => this.#resume(),
  });
  #room: PromiseWithResolvers<void> | undefined;
  /** Of a consumer that leaves after the end of the response, but before it has read it. */
  #lateFailure: QueueFailure | undefined;
  #closed = false;

  /** True once the consumer has left. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Queues an event. Returns a promise when the queue is full: await it before offering another. */
  offer(event: ResponseEvent): Promise<void> | undefined {
    if (this.#closed) return undefined;
    // Most events are handed over at once: those need no measuring.
    this.#events.push(event, this.#events.isAwaited ? 0 : approximateEventBytes(event));
    if (!this.#events.isFull) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** No event follows. With an error, the consumer gets it after everything that was queued before. */
  end(error?: unknown): void {
    this.#events.end(failureOf(error));
  }

  /** The consumer leaves: what is queued is dropped, a waiting pump goes on. */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const failure = failureOf(error);
    if (!this.#events.close(failure)) this.#lateFailure = failure;
    this.#resume();
  }

  take(): Promise<IteratorResult<ResponseEvent>> {
    const failure = this.#lateFailure;
    this.#lateFailure = undefined;
    return failure === undefined ? this.#events.take() : Promise.reject(failure.reason);
  }

  #resume(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function failureOf(error: unknown): QueueFailure | undefined {
  return error === undefined ? undefined : { reason: error };
}
