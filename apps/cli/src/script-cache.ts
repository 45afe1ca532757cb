import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_MS = 30 * DAY_MS;
/** Compiled code has a few megabytes. */
const MAX_COMPILED_BYTES = 256 * 1024 * 1024;

/**
 * Compiled code that `writeCompiled` wrote; `undefined` when there is none or it is damaged. V8 does not look at more
 * than its first bytes and crashes on the rest, so it is stored twice: to compare costs less than any checksum that
 * Node has (loading `node:zlib` alone takes longer).
 */
export function readCompiled(file: string): Buffer | undefined {
  try {
    // What another program put there is not waited for, and not read.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile() || status.size > MAX_COMPILED_BYTES) return undefined;
      const { size } = status;
      const compiled = Buffer.allocUnsafeSlow(size / 2);
      const isWhole = fill(compiled, descriptor) && size % 2 === 0;
      return isWhole && goesOnWith(compiled, descriptor) ? compiled : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** Reads on until the buffer is full; false when the file ends before. */
export function fill(buffer: Buffer, descriptor: number): boolean {
  for (let read = 0; read < buffer.length;) {
    const bytes = readSync(descriptor, buffer, read, buffer.length - read, null);
    if (bytes === 0) return false;
    read += bytes;
  }
  return true;
}

/** Memory that is used again costs half of what as much fresh memory as the file is long does. */
const COMPARED_BYTES = 64 * 1024;

/** Whether the file has the same bytes next. */
function goesOnWith(expected: Buffer, descriptor: number): boolean {
  const part = Buffer.allocUnsafeSlow(Math.min(COMPARED_BYTES, expected.length));
  for (let at = 0; at < expected.length; at += part.length) {
    const wanted = expected.subarray(at, at + part.length);
    const found = part.subarray(0, wanted.length);
    if (!fill(found, descriptor) || !found.equals(wanted)) return false;
  }
  return true;
}

/** When compiled code was made, and by whom. */
export interface WriteOptions {
  /** Whether `isDayOld` is to be true in a day only; else at once. */
  readonly isWorthADay: boolean;
  readonly nowMs: number;
}

/** Replaces the file as a whole, for this user alone: other processes read and write it at any time. */
export function writeCompiled(
  file: string,
  compiled: Buffer,
  { isWorthADay, nowMs }: WriteOptions,
): void {
  const part = `${file}.${process.pid}`;
  try {
    writeFileSync(part, Buffer.concat([compiled, compiled]), { flag: "wx", mode: 0o600 });
    setAge(part, nowMs - (isWorthADay ? 0 : DAY_MS));
    renameSync(part, file);
  } catch (error) {
    // Of a full disk, or of a process that was killed and had this number: in containers they come again.
    rmSync(part, { force: true });
    throw error;
  }
}

/** Whether it is time to see if a command uses more by now than when `file` was written. */
export function isDayOld(file: string, nowMs: number): boolean {
  return nowMs - statSync(file).mtimeMs >= DAY_MS;
}

/** Puts off for a day what `isDayOld` says. */
export function renewCompiled(file: string, nowMs: number): void {
  setAge(file, nowMs);
}

function setAge(file: string, atMs: number): void {
  utimesSync(file, atMs / 1000, atMs / 1000);
}

/** Removes files in `folder` that nobody has written for thirty days: those of older releases, of other Nodes. */
export function removeOldCompiled(folder: string, nowMs: number): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      removeOldCompiled(path, nowMs);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else if (nowMs - lstatSync(path).mtimeMs > KEPT_MS) unlinkSync(path);
  }
}
