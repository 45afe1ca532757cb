import type { CommandProcess } from "./command-process.ts";

/** Waits until the process has ended, the time is over or the signal is aborted, whichever comes first. */
export async function waitForOutput(
  process: CommandProcess,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  if (signal.aborted) return;
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  const onAbort = (): void => over.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([process.ended, over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

export function clampMs(ms: number, min: number, max: number): number {
  return Math.min(Math.max(ms, min), max);
}
