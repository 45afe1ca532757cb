import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { link, lstat, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeDirectory } from "@codex-ts/api/internal";
import { CredentialsError } from "../errors.ts";
import { newLockOwner, ownerState, readLockOwner } from "./lock-owner.ts";
import { type LockClock, STALE_HEARTBEAT_MS, silenceWatch, systemClock } from "./lock-silence.ts";

const HEARTBEAT_INTERVAL_MS = 1_000;
const POLL_INTERVAL_MS = 25;
/** A breaker works for milliseconds. One of which nothing is known but that it was there all this time was killed. */
const BREAKER_MS = 1_000;
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
 * A lock is broken only if its owner's process is dead on this host, or its heartbeat is more than 30 seconds off and stays
 * away while this process watches. What is no file is nobody's lock: it is left alone, and the `CredentialsError` says so.
 * Rejects with the signal's reason when aborted while waiting.
 */
export async function acquireProcessLock(
  path: string,
  signal?: AbortSignal,
  clock: LockClock = systemClock,
): Promise<ProcessLock> {
  makeDirectory(dirname(path));
  const owner = newLockOwner();
  const content = JSON.stringify(owner);
  const isSilent = silenceWatch(clock);
  const isLeftBehind = breakerWatch(clock);
  const isAbandoned = async (): Promise<boolean> => {
    const [holder, file] = await Promise.all([readLockOwner(path), fileAt(path)]);
    if (file === undefined) return false;
    // Asked in any case: the watch has to see every heartbeat.
    return isSilent(file) || (holder !== undefined && ownerState(holder) === "dead");
  };
  for (;;) {
    signal?.throwIfAborted();
    if (await createComplete(path, content)) {
      await removeAbandonedDrafts(path);
      return holdLock(path, owner.nonce);
    }
    if (await isAbandoned()) await breakLock(path, content, { isAbandoned, isLeftBehind });
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
async function breakLock(
  path: string,
  content: string,
  watch: {
    readonly isAbandoned: () => Promise<boolean>;
    readonly isLeftBehind: (guard: string) => Promise<boolean>;
  },
): Promise<void> {
  const guard = `${path}.break`;
  if (!(await createComplete(guard, content))) {
    if (await watch.isLeftBehind(guard)) await rm(guard, { force: true });
    else await delay(POLL_INTERVAL_MS);
    return;
  }
  try {
    if (await watch.isAbandoned()) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Decides about the file of a breaker, shown again and again, whether the breaker was killed. */
function breakerWatch(clock: LockClock): (guard: string) => Promise<boolean> {
  let last = "";
  let lastChangeMs = 0;
  return async (guard) => {
    const [breaker, file] = await Promise.all([readLockOwner(guard), fileAt(guard)]);
    if (file === undefined) return false;
    const state = breaker === undefined ? "unknown" : ownerState(breaker);
    if (state === "dead") return true;
    const present = `${file.ino} ${file.mtimeMs}`;
    if (present !== last) {
      last = present;
      lastChangeMs = clock.monotonicMs();
    }
    const limitMs = state === "alive" ? STALE_HEARTBEAT_MS : BREAKER_MS;
    return clock.monotonicMs() - lastChangeMs >= limitMs;
  };
}

/** The file of that name; `undefined` when it is gone. Rejects when it is something that no client of ours has made. */
async function fileAt(
  path: string,
): Promise<{ readonly mtimeMs: number; readonly ino: number } | undefined> {
  const file = await statOf(path);
  if (file === undefined || file.isFile()) return file;
  const kind = file.isDirectory() ? "a directory" : file.isFIFO() ? "a pipe" : "not a file";
  throw new CredentialsError(
    "store_unavailable",
    `${path} is ${kind}, where the lock of the login should be; remove it and try again`,
  );
}

/** Of the name itself: a link is not followed. */
async function statOf(path: string): Promise<Stats | undefined> {
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
