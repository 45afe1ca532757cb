import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";

/** How much of a file is read at most. */
export interface ReadPlainFileOptions {
  /** A larger file is refused, also when it says that it is smaller. */
  readonly maxBytes: number;
}

/** A file that is not read: it is no regular file, or too large. One line without the path and the contents. */
export class FileRefusedError extends Error {
  override readonly name = "FileRefusedError";
}

/** Never waits: a pipe without a writer is opened, and refused. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Files that do not say their size, as those of `/proc`. */
const SMALLEST_BUFFER_BYTES = 4096;

/**
 * Reads a regular file of others, or refuses what stands in its place: returns within moments and takes no more memory
 * than twice the limit. Throws what Node throws and `FileRefusedError`.
 */
export function readPlainFile(path: string, { maxBytes }: ReadPlainFileOptions): Uint8Array {
  return withPlainFile(path, (descriptor, size) => {
    if (size > maxBytes) throw tooLarge(maxBytes);
    let bytes = Buffer.allocUnsafe(Math.max(size + 1, SMALLEST_BUFFER_BYTES));
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += count;
      // It may have grown, or not have said how much it holds.
      if (length > maxBytes) throw tooLarge(maxBytes);
      if (count === 0) return bytes.subarray(0, length);
      if (length === bytes.length) bytes = Buffer.concat([bytes], length * 2);
    }
  });
}

/** Reads a regular file of others as UTF-8; otherwise as `readPlainFile`. */
export function readPlainText(path: string, options: ReadPlainFileOptions): string {
  return new TextDecoder().decode(readPlainFile(path, options));
}

/** Reads the first bytes of a regular file of any size. Throws what Node throws and `FileRefusedError`. */
export function readPlainFileHead(path: string, headBytes: number): Uint8Array {
  return withPlainFile(path, (descriptor, size) => {
    const bytes = Buffer.allocUnsafe(Math.min(size, headBytes));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  });
}

/** Reads the last bytes of a regular file of any size. Throws what Node throws and `FileRefusedError`. */
export function readPlainFileTail(path: string, tailBytes: number): Uint8Array {
  return withPlainFile(path, (descriptor, size) => {
    const bytes = Buffer.allocUnsafe(Math.min(size, tailBytes));
    const count = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, count);
  });
}

function withPlainFile<T>(path: string, read: (descriptor: number, size: number) => T): T {
  // Before it is opened: that alone has an effect on a pipe, and may have any on a device.
  requirePlain(statSync(path));
  const descriptor = openSync(path, READ_ONLY);
  try {
    // Another one may have its name by now.
    const status = fstatSync(descriptor);
    requirePlain(status);
    return read(descriptor, status.size);
  } finally {
    closeSync(descriptor);
  }
}

function requirePlain(status: Stats): void {
  if (status.isDirectory()) throw new FileRefusedError("it is a directory");
  if (!status.isFile()) throw new FileRefusedError("it is no plain file");
}

function tooLarge(maxBytes: number): FileRefusedError {
  return new FileRefusedError(`it is larger than ${maxBytes} bytes`);
}
