/** Reason of an abort that comes from the consumer of a turn, from an interruption, or from closing the thread. */
export class TurnLeft extends Error {
  override readonly name: string = "AbortError";
  /** Another turn takes its place. */
  readonly isReplaced: boolean;

  constructor({ isReplaced = false }: { readonly isReplaced?: boolean } = {}) {
    super("the turn was given up");
    this.isReplaced = isReplaced;
  }
}
