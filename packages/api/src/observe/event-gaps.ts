/** A silence of an open stream as long as this is a stall, in milliseconds. */
export const STALL_MS = 5000;

/** Measures the silences between the events of a stream. Times are of one monotonic clock, in milliseconds. */
export class EventGaps {
  /** Longest silence, in milliseconds. */
  longestMs = 0;
  /** Name of the event before it; `undefined` when it was the first. */
  longestAfter: string | undefined;
  /** How many silences were stalls. */
  stalls = 0;
  /** The current silence began then; -1 while there is no stream, or nobody reads it. */
  #sinceMs = -1;

  /** The stream is open, or wanted again. */
  open(atMs: number): void {
    this.#sinceMs = atMs;
  }

  /** Its consumer does not want more: the silence that follows is not the server's. */
  pause(atMs: number, lastEvent: string | undefined): void {
    this.note(atMs, lastEvent);
    this.#sinceMs = -1;
  }

  /** Whether the silence that ends now is one to be noted: nearly none is. */
  isLonger(atMs: number): boolean {
    const gapMs = atMs - this.#sinceMs;
    return gapMs > this.longestMs || gapMs >= STALL_MS;
  }

  /** Something came, or the stream is over; `lastEvent` is the event before it. */
  note(atMs: number, lastEvent: string | undefined): void {
    if (this.#sinceMs < 0) return;
    const gapMs = atMs - this.#sinceMs;
    this.#sinceMs = atMs;
    if (gapMs >= STALL_MS) this.stalls += 1;
    if (gapMs <= this.longestMs) return;
    this.longestMs = gapMs;
    this.longestAfter = lastEvent;
  }

  /** How long the stream is silent by now, in milliseconds. */
  silentMs(atMs: number): number {
    return this.#sinceMs < 0 ? 0 : atMs - this.#sinceMs;
  }
}
