import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, existsSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A FIFO nobody has used yet. */
export interface Fifo {
  /** Its reading end, which does not block: without one there cannot be a writer. */
  readonly first: number;
  /** Opens further ends. */
  readonly path: string;
  /** Lets go of its name, should it have one; to be called once its ends are open. */
  dropName(): void;
}

/** Made beforehand at most, each with a descriptor. */
const MAX_BATCH = 8;

/** Where the ends of what has no name any more can be opened. Only Linux has it. */
const DESCRIPTORS = "/proc/self/fd";

/** FIFOs without a name, for the next commands. */
const spare: Fifo[] = [];
/** A turn with one command needs one, a turn with two will most likely have more. */
let batch = 1;

/**
 * A FIFO, made with a program, because Node has no call for it. To start that costs as much as to start a command, so the
 * more commands come, the more are made at once. Rejects where there is no `mkfifo` or no directory for it.
 */
export async function takeFifo(env: Readonly<Record<string, string>>): Promise<Fifo> {
  const made = spare.pop();
  if (made !== undefined) return made;
  const count = existsSync(DESCRIPTORS) ? batch : 1;
  batch = Math.min(batch * 2, MAX_BATCH);
  const [first, ...others] = await makeFifos(count, env);
  if (first === undefined) throw new Error("no FIFO could be opened");
  spare.push(...others);
  return first;
}

/** Closes what was made beforehand. */
export function dropSpareFifos(): void {
  batch = 1;
  for (const { first } of spare.splice(0)) closeSync(first);
}

async function makeFifos(
  count: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly Fifo[]> {
  const name = join(env["TMPDIR"] || "/tmp", `codex-ts-${randomUUID()}`);
  const names = Array.from({ length: count }, (_, at) => (at === 0 ? name : `${name}-${at}`));
  const made: Fifo[] = [];
  try {
    await promisify(execFile)("mkfifo", ["-m", "600", ...names], { env });
    for (const each of names) made.push(opened(each));
  } catch (error) {
    for (const each of names) rmSync(each, { force: true });
    // One is enough, when the descriptors are used up.
    if (made.length === 0) throw error;
  }
  return made;
}

function opened(name: string): Fifo {
  const first = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const dropName = (): void => rmSync(name, { force: true });
  if (!existsSync(DESCRIPTORS)) return { first, path: name, dropName };
  // At once, so that no command finds it.
  dropName();
  return { first, path: `${DESCRIPTORS}/${first}`, dropName() {} };
}
