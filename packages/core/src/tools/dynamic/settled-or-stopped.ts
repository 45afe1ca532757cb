/** How long a tool may take to stop after the abort; Codex grants a task the same time. */
const STOP_GRACE_MS = 100;

/**
 * Runs the work, but waits for it only briefly after the signal is aborted, and then rejects with its reason. A later
 * result or rejection of the work is ignored.
 */
export async function settledOrStopped<Result>(
  work: () => Result | Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => stopped.reject(signal.reason), STOP_GRACE_MS);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), stopped.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
