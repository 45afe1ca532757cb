import { randomUUID } from "node:crypto";
import { constants, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
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

/** An owner is a few words; what is longer is none. */
const MAX_OWNER_BYTES = 4096;
/** There may be a pipe in the place of the file, which must not be waited for. Windows has neither flag. */
const READ_FILE_ONLY =
  constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** The owner written in a lock file; `undefined` when there is none or it is not readable. */
export async function readLockOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const file = await open(path, READ_FILE_ONLY);
    try {
      if (!(await file.stat()).isFile()) return undefined;
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_OWNER_BYTES) });
      return lockOwner.parse(JSON.parse(buffer.toString("utf8", 0, bytesRead)));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Whether the owner's process runs. Nothing is known about processes of other hosts. */
export function ownerState(owner: LockOwner): "alive" | "dead" | "unknown" {
  if (owner.host !== hostIdentity()) return "unknown";
  return isProcessAlive(owner.pid) ? "alive" : "dead";
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
