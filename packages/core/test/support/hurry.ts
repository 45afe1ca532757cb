import { waitFor } from "@codex-ts/test-support";
import { vi } from "vitest";

/** Runs something while timers go faster than processes and sockets do: fifty milliseconds each time somebody looks. */
export async function hurry<T>(run: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    let isSettled = false;
    const result = run().finally(() => (isSettled = true));
    await waitFor(() => {
      vi.advanceTimersByTime(50);
      return isSettled;
    });
    return await result;
  } finally {
    vi.useRealTimers();
  }
}
