/** How long a tool that is told to stop may take to do so; Codex gives a task as long. */
const STOP_GRACE_MS = 100;

/**
 * Does the work, but waits for it only a moment after the signal is aborted, and then rejects with its reason. What the
 * work does later is nobody's concern any more, a rejection neither.
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
