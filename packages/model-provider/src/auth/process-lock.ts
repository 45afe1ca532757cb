import { randomUUID } from "node:crypto";
import { link, lstat, mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isOwnerDead, newLockOwner, readLockOwner } from "./lock-owner.ts";
import { type LockClock, STALE_HEARTBEAT_MS, silenceWatch, systemClock } from "./lock-silence.ts";

const HEARTBEAT_INTERVAL_MS = 5_000;
const POLL_INTERVAL_MS = 25;
/** Error codes of file systems without hard links; there a reader may see a lock whose owner is not written yet. */
const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** How the names of drafts end: a UUID. */
const DRAFT = /\.[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Held from acquisition to release. */
export interface ProcessLock {
  /** Whether this process still holds it: a process that slept longer than the heartbeat limit may have lost it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path`, waiting for its present owner.
 *
 * A lock is broken only if its owner's process is dead on this host, or its heartbeat is older than 30 seconds and stays
 * away while this process watches. Rejects with the signal's reason when aborted while waiting.
 */
export async function acquireProcessLock(
  path: string,
  signal?: AbortSignal,
  clock: LockClock = systemClock,
): Promise<ProcessLock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const owner = newLockOwner();
  const isSilent = silenceWatch(clock);
  const isAbandoned = async (): Promise<boolean> => {
    const [holder, file] = await Promise.all([readLockOwner(path), statOf(path)]);
    if (file === undefined) return false;
    // Asked in any case: the watch has to see every heartbeat.
    return isSilent(file) || (holder !== undefined && isOwnerDead(holder));
  };
  for (;;) {
    signal?.throwIfAborted();
    if (await createComplete(path, JSON.stringify(owner))) {
      await removeAbandonedDrafts(path);
      return holdLock(path, owner.nonce);
    }
    if (await isAbandoned()) await breakLock(path, isAbandoned);
    else
      await delay(POLL_INTERVAL_MS, undefined, signal === undefined ? {} : { signal }).catch(
        rethrowReason(signal),
      );
  }
}

/** Creates the file with its content in one step, so that nobody reads a lock without an owner. */
async function createComplete(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { flag: "wx", mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "EEXIST") return false;
    if (NO_HARD_LINKS.has(code)) return createInPlace(path, content);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A process killed while it was drafting leaves a small file without secrets. */
async function removeAbandonedDrafts(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  const drafts = names.filter((name) => name.startsWith(`${basename(path)}.`) && DRAFT.test(name));
  for (const name of drafts) {
    const draft = join(dirname(path), name);
    if ((await ageOf(draft)) > STALE_HEARTBEAT_MS) await rm(draft, { force: true });
  }
}

async function createInPlace(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holdLock(path: string, nonce: string): ProcessLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_INTERVAL_MS);
  heartbeat.unref();
  const isHeld = async () => (await readLockOwner(path))?.nonce === nonce;
  return {
    isHeld,
    async release() {
      clearInterval(heartbeat);
      // Somebody may have broken it while this process slept; theirs is not ours to remove.
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

/**
 * Removes an abandoned lock. Only one process at a time may do that, and it looks again first: otherwise a slow breaker
 * would remove the fresh lock of a fast one.
 */
async function breakLock(path: string, isAbandoned: () => Promise<boolean>): Promise<void> {
  const guard = `${path}.break`;
  if (!(await createComplete(guard, ""))) {
    // A breaker works for milliseconds; one that is half a minute old was killed. So was one from the future: clocks go back.
    const age = await ageOf(guard);
    if (Math.abs(age) > STALE_HEARTBEAT_MS) await rm(guard, { force: true });
    else await delay(POLL_INTERVAL_MS);
    return;
  }
  try {
    if (await isAbandoned()) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Of the name itself: a link that leads nowhere is a lock like any other, and must not be waited for for ever. */
async function statOf(path: string): Promise<{ readonly mtimeMs: number } | undefined> {
  return lstat(path).catch(() => undefined);
}

/** 0 for a file that is gone. */
async function ageOf(path: string): Promise<number> {
  const file = await statOf(path);
  return file === undefined ? 0 : Date.now() - file.mtimeMs;
}

/** A timer aborts with its own error; callers are promised the signal's reason. */
function rethrowReason(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    signal?.throwIfAborted();
    throw error;
  };
}
