import type { ResponseItem } from "@codex-ts/protocol";
import type { ContentKind } from "../history/content-provenance.ts";
import type { TurnInput } from "../thread/thread-options.ts";

/** An input that came while its turn ran. */
interface SteeredInput {
  readonly type: "input";
  readonly input: readonly TurnInput[];
  readonly clientMessageId: string | undefined;
  /** Resolve it with whether the input has become a part of the conversation. */
  readonly recorded: PromiseWithResolvers<boolean>;
}

/** A message for the model about something the user did meanwhile. */
export interface TurnNote {
  readonly type: "note";
  readonly item: ResponseItem;
  readonly contentKinds: readonly ContentKind[];
}

/** Inputs and notes that a running turn has not taken in yet, in the order they came. */
export class PendingInput {
  readonly #waiting: (SteeredInput | TurnNote)[] = [];
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** `undefined` when the turn takes nothing more. Else settles with whether the input was recorded. */
  add(input: readonly TurnInput[], clientMessageId?: string): Promise<boolean> | undefined {
    if (this.#isClosed) return undefined;
    const recorded = Promise.withResolvers<boolean>();
    this.#waiting.push({ type: "input", input, clientMessageId, recorded });
    for (const listener of this.#listeners) listener();
    return recorded.promise;
  }

  /** Nothing is cut short for a note. Returns false when the turn takes nothing more. */
  addNote(note: TurnNote): boolean {
    if (!this.#isClosed) this.#waiting.push(note);
    return !this.#isClosed;
  }

  take(): readonly (SteeredInput | TurnNote)[] {
    return this.#waiting.splice(0);
  }

  /** Calls the listener when an input comes; returns the function that ends it. */
  onArrival(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The turn takes nothing more; inputs that still wait are not recorded. Returns the notes among them. */
  close(): readonly TurnNote[] {
    this.#isClosed = true;
    return this.take().filter((each) => {
      if (each.type === "input") each.recorded.resolve(false);
      return each.type === "note";
    });
  }
}
