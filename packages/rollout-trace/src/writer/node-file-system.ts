import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { TraceFileSystem, TraceLogFile } from "./file-system.ts";

/** Bundles hold prompts and tool output: only their owner reads them. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/**
 * The real file system, the default of a {@link TraceFileSystem}; synchronous, because a trace has to be complete when
 * the process dies right after a record.
 */
export const nodeFileSystem: TraceFileSystem = {
  makeDirectory(path) {
    makeDirectories(path);
  },
  makeNewDirectory(path) {
    mkdirSync(path, { mode: DIRECTORY_MODE });
  },
  writeNewFile(path, text) {
    const file = openSync(path, "wx", FILE_MODE);
    let isComplete = false;
    try {
      writeAll(file, Buffer.from(text, "utf8"));
      isComplete = true;
    } finally {
      closeSync(file);
      // Half a payload is of no use and keeps a full disk full.
      if (!isComplete) unlinkQuietly(path);
    }
  },
  openNewLog(path) {
    return openLog(path);
  },
};

/**
 * One step at a time: the recursive form of Node never returns where a file system says "no such file" below a
 * directory that exists (`/proc`).
 */
function makeDirectories(path: string): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectories(parent);
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    // Somebody else may have been faster.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function openLog(path: string): TraceLogFile {
  const file = openSync(path, "ax", FILE_MODE);
  let lengthBytes = 0;
  return {
    append(data) {
      try {
        lengthBytes += typeof data === "string" ? writeText(file, data) : writeAll(file, data);
      } catch (error) {
        // A torn line would make the whole bundle unreadable to Codex's reducer.
        truncateQuietly(file, lengthBytes);
        throw error;
      }
    },
    close() {
      closeSync(file);
    },
  };
}

/** Returns how many bytes it wrote. Copies the text only when the kernel took a part of it. */
function writeText(file: number, text: string): number {
  const lengthBytes = Buffer.byteLength(text);
  const written = writeSync(file, text);
  if (written < lengthBytes) writeAll(file, Buffer.from(text, "utf8").subarray(written));
  return lengthBytes;
}

/** Returns how many bytes it wrote. One system call in the usual case; more only when the kernel took a part. */
function writeAll(file: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return written;
}

function truncateQuietly(file: number, lengthBytes: number): void {
  try {
    ftruncateSync(file, lengthBytes);
  } catch {
    // The failure that led here is the one to report.
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // As above.
  }
}
