import type { TurnEvent } from "./turn-event.ts";

/** Events a slow consumer may fall behind before the turn waits for it. */
const MAX_QUEUED_EVENTS = 1600;

/** Where the events of a turn go that has no consumer of its own. */
export interface TurnEventSink {
  push(event: TurnEvent): void;
  /** See `TurnEventQueue.behind`. */
  behind(): Promise<void> | undefined;
}

/** Carries the events of a turn to its one consumer; a turn that has no consumer any more goes on without. */
export class TurnEventQueue {
  readonly #sink: TurnEventSink | undefined;
  #queued: TurnEvent[] = [];
  #reader: PromiseWithResolvers<IteratorResult<TurnEvent>> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #ended = false;
  #unbounded = false;
  #abandoned = false;

  /** `sink`: takes the events in place of a consumer. */
  constructor(sink?: TurnEventSink) {
    this.#sink = sink;
  }

  push(event: TurnEvent): void {
    if (this.#ended) return;
    if (this.#sink !== undefined) {
      this.#sink.push(event);
      return;
    }
    if (this.#reader === undefined) {
      this.#queued.push(event);
      return;
    }
    const reader = this.#reader;
    this.#reader = undefined;
    reader.resolve({ done: false, value: event });
  }

  /** `undefined` while the consumer keeps up; else settles when it has caught up or left. */
  behind(): Promise<void> | undefined {
    if (this.#ended || this.#unbounded) return undefined;
    if (this.#sink !== undefined) return this.#behindSink(this.#sink);
    if (this.#queued.length < MAX_QUEUED_EVENTS) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Waits for the consumer no longer: the turn is to end, whether anybody reads or not. */
  hurry(): void {
    this.#unbounded = true;
    this.#makeRoom();
  }

  /** No event follows; what is queued can still be read. */
  end(): void {
    this.#ended = true;
    this.#makeRoom();
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  /** True when the consumer has left and nothing reaches it any more. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** The consumer leaves: nothing is kept for it. Returns what it has not seen. */
  abandon(): readonly TurnEvent[] {
    const unseen = this.#queued;
    this.#queued = [];
    this.#abandoned = true;
    this.end();
    return unseen;
  }

  take(): Promise<IteratorResult<TurnEvent>> {
    const event = this.#queued.shift();
    if (event !== undefined) {
      if (this.#queued.length < MAX_QUEUED_EVENTS / 2) this.#makeRoom();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    this.#reader ??= Promise.withResolvers();
    return this.#reader.promise;
  }

  #behindSink(sink: TurnEventSink): Promise<void> | undefined {
    const room = sink.behind();
    if (room === undefined) return undefined;
    this.#room ??= Promise.withResolvers();
    void room.then(() => this.#makeRoom());
    return this.#room.promise;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
