import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeDirectory, readPlainText } from "@codex-ts/api/internal";
import { z } from "zod";
import { ThreadError } from "../errors.ts";

/** Directory of Codex 0.171 for the locks of writers. Its own are named `<thread id>.lock`, and held with `flock`. */
const LOCKS = "thread-writer-locks";
/** A lock whose owner died is broken; another process may be about to do the same. */
const ATTEMPTS = 5;
const MAX_LOCK_BYTES = 64 * 1024;

/** Which process writes, as its lock says. */
interface LockOwner {
  readonly nonce: string;
  readonly pid: number;
  /** Distinguishes a process from an earlier one of the same id, where the system can; else empty. */
  readonly started: string;
  readonly host: string;
}

const lockOwner: z.ZodType<LockOwner> = z.object({
  nonce: z.string(),
  pid: z.int().positive(),
  started: z.string(),
  host: z.string(),
});

/** Held from acquisition to release, or until the process ends. */
export interface WriterLock {
  release(): void;
}

/**
 * Makes this process the one writer of a thread's session file. Throws `ThreadError` `session_in_use` while another
 * process, or another thread object of this one, is that; other errors are those of the file system.
 *
 * Node cannot hold a lock as Codex does. A Codex that writes is seen where the system lists its locks (Linux); a Codex
 * that comes later does not see this lock.
 */
export function acquireWriterLock(codexHome: string, threadId: string): WriterLock {
  const directory = join(codexHome, LOCKS);
  makeDirectory(directory);
  const path = join(directory, `${threadId}.codex-ts`);
  const owner: LockOwner = {
    nonce: randomUUID(),
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    host: hostname(),
  };
  for (let attempt = 0; !writeNewFile(path, JSON.stringify(owner)); attempt += 1) {
    const other = readOwner(path);
    if (attempt === ATTEMPTS || (other !== undefined && isAlive(other))) throw inUse(threadId);
    breakLock(path, other?.nonce);
  }
  const lock = {
    release: () => {
      if (readOwner(path)?.nonce === owner.nonce) rmSync(path, { force: true });
    },
  };
  if (isLockedByCodex(join(directory, `${threadId}.lock`))) {
    lock.release();
    throw inUse(threadId);
  }
  return lock;
}

function inUse(threadId: string): ThreadError {
  return new ThreadError("session_in_use", `thread ${threadId} already has an active writer`);
}

/** Whether the file did not exist and is there now, with its content: nobody sees it half written. */
function writeNewFile(path: string, text: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes a lock away from a process that is dead, or one that cannot be read and so is none. What turns out to be
 * another's is given back.
 */
function breakLock(path: string, nonce: string | undefined): void {
  const taken = `${path}.${randomUUID()}`;
  try {
    renameSync(path, taken);
    if (readOwner(taken)?.nonce !== nonce) linkSync(taken, path);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(taken, { force: true });
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return lockOwner.parse(JSON.parse(readPlainText(path, { maxBytes: MAX_LOCK_BYTES })));
  } catch {
    return undefined;
  }
}

/** Nothing is known of processes of other machines: they count as alive. */
function isAlive({ pid, started, host }: LockOwner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return started === "" || now === undefined || now === started;
}

/** When a process began, in ticks since the machine did; `undefined` where the system does not say. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program comes first, in parentheses, and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Whether some process holds a `flock` on a file, as far as the system says. */
function isLockedByCodex(path: string): boolean {
  try {
    const { ino } = statSync(path);
    return readFileSync("/proc/locks", "utf8")
      .split("\n")
      .some((line) => line.includes(" FLOCK ") && line.includes(`:${ino} `));
  } catch {
    return false;
  }
}
