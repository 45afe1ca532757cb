/**
 * Lets tool calls that may run beside each other do so, and the others run alone, in the order they arrived: a call
 * that runs alone waits for those before it and holds up those after it.
 */
export class ParallelLock {
  /** Settles when every call so far has ended. */
  #all: Promise<void> = Promise.resolve();
  /** Settles when every call so far that runs alone has ended. */
  #alone: Promise<void> = Promise.resolve();

  /** Runs `work` when its turn has come. */
  run<Result>(parallel: boolean, work: () => Promise<Result>): Promise<Result> {
    const turn = parallel ? this.#alone : this.#all;
    const result = turn.then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.#all = Promise.all([this.#all, ended]).then(() => undefined);
    if (!parallel) this.#alone = this.#all;
    return result;
  }
}
