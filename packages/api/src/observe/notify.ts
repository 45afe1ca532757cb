import type { TransportObserver } from "./observer.ts";

/** Calls each observer. It must not be able to break a request: what it throws is dropped. */
export function notify(
  observers: readonly TransportObserver[],
  call: (observer: TransportObserver) => void,
): void {
  for (const observer of observers) {
    try {
      call(observer);
    } catch {
      // A mistake of the observer's.
    }
  }
}
