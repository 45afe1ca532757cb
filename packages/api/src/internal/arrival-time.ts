const SETTLED = Promise.resolve();

let known: number | undefined;

/**
 * When the bytes that are being handled arrived, by `performance.now`, in milliseconds. The clock is read once for all
 * that one read of a socket brings, which can be hundreds of events.
 */
export function arrivalTime(): number {
  if (known === undefined) {
    known = performance.now();
    whenHandled(forget);
  }
  return known;
}

/** Calls `act` when what one read of a socket brings is handled: when the callback of the read has returned. */
export function whenHandled(act: () => void): void {
  void SETTLED.then(act);
}

function forget(): void {
  known = undefined;
}
