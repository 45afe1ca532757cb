/** Why playing ended from outside. */
export type StopReason = "client-gone" | "server-closed";

/** The reason of a stop signal, which is always aborted with one. */
export function stopReason(stop: AbortSignal): StopReason {
  return stop.reason === "server-closed" ? "server-closed" : "client-gone";
}

/** The result of `work`, or an abort error when `stop` comes first. */
export async function unlessStopped<T>(work: Promise<T> | T, stop: AbortSignal): Promise<T> {
  const stopped = whenStopped(stop).then((): never => {
    throw stop.reason;
  });
  return await Promise.race([work, stopped]);
}

/** Resolves when the signal is aborted, and never rejects. */
export function whenStopped(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
