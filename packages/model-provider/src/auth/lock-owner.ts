import { randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";

/** Who holds a lock, as written in its file. */
export interface LockOwner {
  readonly nonce: string;
  readonly pid: number;
  readonly host: string;
}

const lockOwner: z.ZodType<LockOwner> = z.object({
  nonce: z.string(),
  pid: z.int().positive(),
  host: z.string(),
});

/** This process, under a name of its own for every lock it takes. */
export function newLockOwner(): LockOwner {
  return { nonce: randomUUID(), pid: process.pid, host: hostIdentity() };
}

/** The owner written in a lock file; `undefined` when there is none or it is not readable. */
export async function readLockOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return lockOwner.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Whether the owner's process has ended. Nothing is known about processes of other hosts. */
export function isOwnerDead(owner: LockOwner): boolean {
  return owner.host === hostIdentity() && !isProcessAlive(owner.pid);
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
