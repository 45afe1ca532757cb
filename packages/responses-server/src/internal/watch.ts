import type { WaitOptions } from "../responses-server.ts";

/** Lets callers wait until records that change in place have a certain content. */
export class Watch {
  readonly #checks = new Set<() => void>();
  #closedWith: Error | undefined;

  /** Makes all waiters look again. */
  changed(): void {
    for (const check of this.#checks) check();
  }

  /** Rejects every wait, now and later, unless its condition already holds. */
  close(error: Error): void {
    this.#closedWith = error;
    this.changed();
  }

  waitFor<T>(read: () => T | undefined | false, options: WaitOptions = {}): Promise<T> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        this.#checks.delete(check);
        signal?.removeEventListener("abort", check);
        settle();
      };
      const check = (): void => {
        try {
          const value = read();
          if (value !== undefined && value !== false) finish(() => resolve(value));
          else if (signal?.aborted) finish(() => reject(signal.reason as Error));
          else if (this.#closedWith) finish(() => reject(this.#closedWith));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      this.#checks.add(check);
      signal?.addEventListener("abort", check);
      check();
    });
  }
}
