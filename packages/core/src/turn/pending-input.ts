import type { TurnInput } from "../thread/thread-options.ts";

/** An input that came while its turn ran. */
export interface SteeredInput {
  readonly input: readonly TurnInput[];
  readonly clientMessageId: string | undefined;
  /** Resolve it with whether the input has become a part of the conversation. */
  readonly recorded: PromiseWithResolvers<boolean>;
}

/** Inputs a running turn has not taken in yet. */
export class PendingInput {
  readonly #waiting: SteeredInput[] = [];
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** `undefined` when the turn takes nothing more. Else settles with whether the input was recorded. */
  add(input: readonly TurnInput[], clientMessageId?: string): Promise<boolean> | undefined {
    if (this.#isClosed) return undefined;
    const recorded = Promise.withResolvers<boolean>();
    this.#waiting.push({ input, clientMessageId, recorded });
    for (const listener of this.#listeners) listener();
    return recorded.promise;
  }

  take(): readonly SteeredInput[] {
    return this.#waiting.splice(0);
  }

  /** Calls the listener when an input comes; returns the function that ends it. */
  onArrival(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The turn takes nothing more; what still waits is not recorded. */
  close(): void {
    this.#isClosed = true;
    for (const { recorded } of this.take()) recorded.resolve(false);
  }
}
