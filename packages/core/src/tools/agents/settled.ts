/**
 * Waits until something ends the wait, the time is over (`undefined`), or the signal is aborted, whose reason it then
 * rejects with.
 */
export async function settled<Outcome>(options: {
  readonly ms: number;
  readonly signal: AbortSignal;
  /** Begins to listen; returns the function that stops it. */
  readonly begin: (end: (outcome: Outcome) => void) => () => void;
}): Promise<Outcome | undefined> {
  const { ms, signal, begin } = options;
  const over = Promise.withResolvers<Outcome | undefined>();
  const timer = setTimeout(() => over.resolve(undefined), ms);
  const stop = (): void => over.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const end = begin(over.resolve);
  try {
    return await over.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    end();
  }
}
