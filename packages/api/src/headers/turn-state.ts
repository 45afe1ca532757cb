/**
 * Routing state a server sends with the first response of a turn (`x-codex-turn-state`) and wants back on the others.
 *
 * Set once: the first value wins. Make one per turn and pass it to every request of the turn; the code that builds the
 * request headers sends `value` back.
 */
export class TurnState {
  #value: string | undefined;

  get value(): string | undefined {
    return this.#value;
  }

  /** Stores `value` unless one is there already. */
  offer(value: string): void {
    this.#value ??= value;
  }
}
