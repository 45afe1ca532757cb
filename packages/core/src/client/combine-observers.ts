import type { TransportObserver } from "@codex-ts/api";

/** The compiler asks for every one: what is not listed is not passed on. */
const METHODS = Object.keys({
  onAttemptStarted: true,
  onAttemptRedirected: true,
  onAttemptResponded: true,
  onStreamPolled: true,
  onStreamFrame: true,
  onStreamStalled: true,
  onAttemptEnded: true,
  onConnectionOpened: true,
  onConnectionClosed: true,
} satisfies Record<keyof TransportObserver, true>) as (keyof TransportObserver)[];

/**
 * One observer for several. It has the methods that one of them has and no others: some cost something for every event.
 * What one throws does not reach the others.
 */
export function combineObservers(
  observers: readonly (TransportObserver | undefined)[],
): TransportObserver | undefined {
  const present = observers.filter((observer) => observer !== undefined);
  if (present.length < 2) return present[0];
  const methods = METHODS.flatMap((method) => {
    const listeners = present.filter((observer) => observer[method] !== undefined);
    if (listeners.length === 0) return [];
    return [[method, (report: never) => callEach(listeners, method, report)] as const];
  });
  return Object.fromEntries(methods);
}

function callEach(
  observers: readonly TransportObserver[],
  method: keyof TransportObserver,
  report: never,
): void {
  for (const observer of observers) {
    try {
      observer[method]?.(report);
    } catch {
      // A mistake of the observer's.
    }
  }
}
