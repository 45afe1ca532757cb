import type { ResponseEvent } from "@codex-ts/protocol";
import { approximateEventBytes } from "./event-size.ts";

/** Events a mapped stream reads ahead of its consumer. Codex's number; exported for tests. */
export const RESPONSE_STREAM_CHANNEL_CAPACITY = 1600;

/** Size of the events read ahead, in approximate bytes; reached before the count only by unusually large events. */
export const RESPONSE_STREAM_CHANNEL_BYTES: number = 8 * 1024 * 1024;

/**
 * A bounded queue from one producer to one consumer.
 *
 * An offered event is always queued in the end; the producer waits until there is room, or until the queue is closed.
 */
export class EventQueue {
  #entries: ResponseEvent[] = [];
  #head = 0;
  #bytes = 0;
  #reader: PromiseWithResolvers<IteratorResult<ResponseEvent>> | undefined;
  #blocked: { readonly event: ResponseEvent; readonly resume: () => void } | undefined;
  #end: { readonly error: unknown; isDelivered: boolean } | undefined;
  #closed = false;

  /** True once the consumer has left. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Queues an event. Returns a promise when the queue was full: await it before offering another. */
  offer(event: ResponseEvent): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve({ done: false, value: event });
      return undefined;
    }
    if (this.#hasRoom()) {
      this.#push(event);
      return undefined;
    }
    return new Promise((resume) => {
      this.#blocked = { event, resume };
    });
  }

  /** No event follows. With an error, the consumer gets it after everything that was queued before. */
  end(error?: unknown): void {
    this.#end ??= { error, isDelivered: error === undefined };
    if (this.#reader === undefined) return;
    const reader = this.#reader;
    this.#reader = undefined;
    this.#take(reader);
  }

  /** The consumer leaves: what is queued is dropped, a waiting producer goes on. */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#entries = [];
    this.#head = 0;
    this.#end = { error, isDelivered: error === undefined };
    this.#blocked?.resume();
    this.#blocked = undefined;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) this.#take(reader);
  }

  take(): Promise<IteratorResult<ResponseEvent>> {
    const event = this.#next();
    // Most events are here already; a resolver for each of them would be most of the work.
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const reader = Promise.withResolvers<IteratorResult<ResponseEvent>>();
    this.#take(reader);
    return reader.promise;
  }

  #next(): ResponseEvent | undefined {
    const event = this.#entries[this.#head];
    if (event === undefined) return undefined;
    this.#drop(event);
    this.#unblock();
    return event;
  }

  /** Resolves a reader when nothing is queued. */
  #take(reader: PromiseWithResolvers<IteratorResult<ResponseEvent>>): void {
    if (this.#end === undefined) {
      this.#reader = reader;
    } else if (this.#end.isDelivered) {
      reader.resolve({ done: true, value: undefined });
    } else {
      this.#end.isDelivered = true;
      reader.reject(this.#end.error);
    }
  }

  #hasRoom(): boolean {
    const queued = this.#entries.length - this.#head;
    if (queued === 0) return true;
    return queued < RESPONSE_STREAM_CHANNEL_CAPACITY && this.#bytes < RESPONSE_STREAM_CHANNEL_BYTES;
  }

  #push(event: ResponseEvent): void {
    this.#entries.push(event);
    this.#bytes += approximateEventBytes(event);
  }

  #drop(event: ResponseEvent): void {
    this.#bytes -= approximateEventBytes(event);
    this.#head += 1;
    // Shifting is linear in the queue; cutting now and then keeps taking constant.
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > RESPONSE_STREAM_CHANNEL_CAPACITY) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  #unblock(): void {
    if (this.#blocked === undefined || !this.#hasRoom()) return;
    const { event, resume } = this.#blocked;
    this.#blocked = undefined;
    this.#push(event);
    resume();
  }
}
