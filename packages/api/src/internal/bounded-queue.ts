/** Options of {@link BoundedQueue}. */
export interface BoundedQueueOptions {
  /** The queue is full at this many values. */
  readonly maxCount: number;
  /** The queue is full at this weight of all values. Reached first only by unusually large ones. */
  readonly maxBytes: number;
  /** Called when a value fills the queue. */
  readonly onFull?: (() => void) | undefined;
  /** Called when a full queue has room again; not after its end. */
  readonly onRoom?: (() => void) | undefined;
}

/**
 * A queue from one producer to one consumer. The limits are advice to the producer, which stops when told: a value that
 * arrives nevertheless is kept. One end; what is pushed after it is dropped.
 */
export class BoundedQueue<T extends object> {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  readonly #onFull: (() => void) | undefined;
  readonly #onRoom: (() => void) | undefined;
  #values: (T | undefined)[] = [];
  #weights: number[] = [];
  #head = 0;
  #bytes = 0;
  #full = false;
  #ended = false;
  #failure: QueueFailure | undefined;
  #waiting: Waiter<T> | undefined;

  constructor(options: BoundedQueueOptions) {
    this.#maxCount = options.maxCount;
    this.#maxBytes = options.maxBytes;
    this.#onFull = options.onFull;
    this.#onRoom = options.onRoom;
  }

  /** True while the producer should wait. */
  get isFull(): boolean {
    return this.#full;
  }

  /** True while the consumer waits: the next value is handed over and not queued. */
  get isAwaited(): boolean {
    return this.#waiting !== undefined;
  }

  /** Adds a value of about `bytes`. */
  push(value: T, bytes: number): void {
    if (this.#ended) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ value, done: false });
      return;
    }
    this.#values.push(value);
    this.#weights.push(bytes);
    this.#bytes += bytes;
    if (!this.#full && this.#isOverLimit()) {
      this.#full = true;
      this.#onFull?.();
    }
  }

  /** The next value, then the end. A failure rejects once; later calls see the end. One caller at a time. */
  take(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values[this.#head];
    // Most values are here already; a resolver for each of them would be most of the work.
    if (value !== undefined) {
      this.#advance();
      return Promise.resolve({ value, done: false });
    }
    if (this.#ended) return this.#endResult();
    if (this.#waiting !== undefined) {
      return Promise.reject(
        new TypeError("wait for the previous event before asking for the next"),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting = { resolve, reject };
    return promise;
  }

  /** No more values: the consumer gets those that are queued, then the failure if there is one. False after an end. */
  end(failure?: QueueFailure): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#failure = failure;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#endResult().then(waiting.resolve, waiting.reject);
    return true;
  }

  /** Ends at once: drops what is queued, and a failure that nobody has seen. False after an end. */
  close(failure?: QueueFailure): boolean {
    this.#keepFrom(Number.POSITIVE_INFINITY);
    this.#bytes = 0;
    this.#failure = undefined;
    return this.end(failure);
  }

  #endResult(): Promise<IteratorResult<T, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(failure.reason);
  }

  #advance(): void {
    const head = this.#head;
    this.#bytes -= this.#weights[head] ?? 0;
    this.#values[head] = undefined;
    this.#head = head + 1;
    // Both ways the taken slots go away: at once when all are taken, else in batches, so that the lists stay short.
    if (this.#head === this.#values.length) this.#keepFrom(Number.POSITIVE_INFINITY);
    else if (this.#head >= this.#maxCount) this.#keepFrom(this.#head);
    if (this.#full && !this.#isOverLimit()) {
      this.#full = false;
      if (!this.#ended) this.#onRoom?.();
    }
  }

  #keepFrom(index: number): void {
    this.#values = this.#values.slice(index);
    this.#weights = this.#weights.slice(index);
    this.#head = 0;
  }

  #isOverLimit(): boolean {
    return this.#values.length - this.#head >= this.#maxCount || this.#bytes >= this.#maxBytes;
  }
}

/** Why a queue ends early; the reason can be any value, as that of an aborted signal can. */
export interface QueueFailure {
  readonly reason: unknown;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}
