/** An owner that has not touched its lock for this long is taken for dead. */
export const STALE_HEARTBEAT_MS = 30_000;
/** Three heartbeats: an owner that wakes up together with this process, or after a clock jump, is heard within this time. */
const LISTENING_MS = 3_000;

/** The two clocks of a machine. */
export interface LockClock {
  /** Unix milliseconds; may jump. */
  readonly wallMs: () => number;
  /** Milliseconds that only go forward, and not while the machine sleeps. */
  readonly monotonicMs: () => number;
}

/** The clocks of this machine. */
export const systemClock: LockClock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * Decides about one lock file, shown again and again, whether its owner has fallen silent: its time is more than 30
 * seconds away and has not changed while watched for three heartbeats, or it has not changed while watched for 30
 * seconds.
 *
 * The wall clock alone would not do. After a jump forward, or when a laptop wakes up, every lock looks old although its
 * owner lives; after a jump backward, or with the clock of another host, a dead one is from the future.
 */
export function silenceWatch(clock: LockClock): (file: { readonly mtimeMs: number }) => boolean {
  let lastMtimeMs: number | undefined;
  let lastChangeMs = 0;
  return ({ mtimeMs }) => {
    if (mtimeMs !== lastMtimeMs) {
      lastMtimeMs = mtimeMs;
      lastChangeMs = clock.monotonicMs();
    }
    const watchedMs = clock.monotonicMs() - lastChangeMs;
    const looksFresh = Math.abs(clock.wallMs() - mtimeMs) <= STALE_HEARTBEAT_MS;
    return watchedMs >= (looksFresh ? STALE_HEARTBEAT_MS : LISTENING_MS);
  };
}
