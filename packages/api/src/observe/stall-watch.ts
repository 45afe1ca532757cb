import { STALL_MS } from "./event-gaps.ts";

/** The silences that are reported, in milliseconds: these, and then each twice the one before. */
const REPORTED_MS = [STALL_MS, 30_000, 60_000];

/**
 * Looks at a stream now and then and reports its silences while they last. It costs the events nothing: only its own
 * timer looks at the time.
 */
export class StallWatch {
  readonly #silentMs: () => number;
  readonly #onStall: (gapMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Of the silence that lasts. */
  #reports = 0;
  #isStopped = false;

  constructor(options: {
    readonly silentMs: () => number;
    readonly onStall: (gapMs: number) => void;
  }) {
    this.#silentMs = options.silentMs;
    this.#onStall = options.onStall;
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    const silentMs = this.#silentMs();
    if (silentMs < STALL_MS) this.#reports = 0;
    if (silentMs >= reportedMs(this.#reports)) {
      while (silentMs >= reportedMs(this.#reports)) this.#reports += 1;
      this.#onStall(Math.round(silentMs));
    }
    if (this.#isStopped) return;
    const waitMs = Math.max(1, reportedMs(this.#reports) - silentMs);
    // Nobody waits for a report alone.
    this.#timer = setTimeout(() => this.#look(), waitMs).unref();
  }
}

function reportedMs(report: number): number {
  const last = REPORTED_MS.length - 1;
  return REPORTED_MS[report] ?? (REPORTED_MS[last] ?? STALL_MS) * 2 ** (report - last);
}
