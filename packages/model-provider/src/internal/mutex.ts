/** Runs one action at a time, in the order they arrive. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(action);
    // A failed action must not fail those that wait behind it.
    this.#tail = result.catch(() => {});
    return result;
  }
}
