import { randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { link, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** An owner that has not touched its lock for this long is taken for dead. */
const STALE_HEARTBEAT_MS = 30_000;
const HEARTBEAT_INTERVAL_MS = 5_000;
const POLL_INTERVAL_MS = 25;
/** What file systems without hard links answer; there a reader may see a lock whose owner is not written yet. */
const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** How the names of drafts end: a UUID. */
const DRAFT = /\.[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Who holds a lock, as written in its file. */
interface LockOwner {
  readonly nonce: string;
  readonly pid: number;
  readonly host: string;
}

/** Held from acquisition to release. */
export interface ProcessLock {
  /** Whether this process still holds it: a process that slept longer than the heartbeat limit may have lost it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path`, waiting for its present owner.
 *
 * A lock is broken only if its owner's process is dead on this host, or its heartbeat is older than 30 seconds. Rejects
 * with the signal's reason when aborted while waiting.
 */
export async function acquireProcessLock(path: string, signal?: AbortSignal): Promise<ProcessLock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const owner: LockOwner = { nonce: randomUUID(), pid: process.pid, host: hostIdentity() };
  for (;;) {
    signal?.throwIfAborted();
    if (await createComplete(path, JSON.stringify(owner))) {
      await removeAbandonedDrafts(path);
      return holdLock(path, owner);
    }
    if (await isAbandoned(path)) await breakLock(path);
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
    const age = await stat(draft).then(
      (file) => Date.now() - file.mtimeMs,
      () => 0,
    );
    if (age > STALE_HEARTBEAT_MS) await rm(draft, { force: true });
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

function holdLock(path: string, owner: LockOwner): ProcessLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_INTERVAL_MS);
  heartbeat.unref();
  const isHeld = async () => (await readOwner(path))?.nonce === owner.nonce;
  return {
    isHeld,
    async release() {
      clearInterval(heartbeat);
      // Somebody may have broken it while this process slept; theirs is not ours to remove.
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

async function isAbandoned(path: string): Promise<boolean> {
  const [owner, file] = await Promise.all([readOwner(path), stat(path).catch(() => undefined)]);
  if (file === undefined) return false;
  if (Date.now() - file.mtimeMs > STALE_HEARTBEAT_MS) return true;
  return owner !== undefined && owner.host === hostIdentity() && !isProcessAlive(owner.pid);
}

/**
 * Removes an abandoned lock. Only one process at a time may do that, and it looks again first: otherwise a slow breaker
 * would remove the fresh lock of a fast one.
 */
async function breakLock(path: string): Promise<void> {
  const guard = `${path}.break`;
  if (!(await createComplete(guard, ""))) {
    const age = await stat(guard).then(
      (file) => Date.now() - file.mtimeMs,
      () => 0,
    );
    // A breaker works for milliseconds; one that is half a minute old was killed.
    if (age > STALE_HEARTBEAT_MS) await rm(guard, { force: true });
    else await delay(POLL_INTERVAL_MS);
    return;
  }
  try {
    if (await isAbandoned(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Process ids mean something only within one host and, on Linux, one pid namespace (container). */
function hostIdentity(): string {
  return `${hostname()} ${pidNamespace()}`.trim();
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** A timer aborts with its own error; callers are promised the signal's reason. */
function rethrowReason(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    signal?.throwIfAborted();
    throw error;
  };
}
