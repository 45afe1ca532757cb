import type { TurnContext } from "./turn-context.ts";

/**
 * Aborted when an input for the running turn comes that is not to wait for what the turn is doing: in 0.171. Stop it
 * when that is done.
 */
export class SteerSignal {
  readonly #abort = new AbortController();
  /** To be called when the turn has done what the signal is for. */
  readonly stop: () => void;

  constructor({ pending, thread }: Pick<TurnContext, "pending" | "thread">) {
    const isObeyed = thread.facts.profile.steering === "drops_response";
    this.stop = isObeyed
      ? pending.onArrival(() => this.#abort.abort(new Steered()))
      : () => undefined;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether an input, and not the end of the turn, has ended what was done. */
  hasEnded(turn: Pick<TurnContext, "signal">): boolean {
    return this.signal.aborted && !turn.signal.aborted;
  }
}

/** Reason of an abort that makes room for an input. */
class Steered extends Error {
  override readonly name: string = "AbortError";

  constructor() {
    super("an input for the running turn came");
  }
}
