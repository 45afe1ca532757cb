import { setImmediate } from "node:timers/promises";
import { vi } from "vitest";

/** Time that passes only when told to. Sockets, immediates and the waiting of `waitFor` go on. */
export interface HeldTimers extends Disposable {
  /** Lets time pass and fires what is due; resolves when what was put off by a turn of the event loop is done, too. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pending: number;
}

/** Holds `setTimeout` and `performance.now` until disposed of. */
export function holdTimers(): HeldTimers {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  return {
    async advance(ms) {
      vi.advanceTimersByTime(ms);
      await setImmediate();
    },
    get pending() {
      return vi.getTimerCount();
    },
    [Symbol.dispose]: () => void vi.useRealTimers(),
  };
}
