import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import { TraceReadError } from "./problem.ts";

const LOG_CHUNK_BYTES = 256 * 1024;
const SHARD_CHUNK_BYTES = 64 * 1024;
const FIRST_BUFFER_BYTES = 1024 * 1024;
/** Twice what fits into a string: nothing larger is read into memory only to be refused. */
const GREATEST_FILE_BYTES = 1024 * 1024 * 1024;

/** Refusing links and never waiting for a pipe are decided by the open itself, so that no check can be outrun. */
const READ_PLAIN_FILE =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Reads files below one directory into one buffer that grows to the largest of them. */
export class PlainFileReader {
  readonly #directory: string;
  #lastDirectory: OpenedDirectory | undefined;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The first bytes of a file, at most `maxBytes`; `undefined` when there is none. */
  tryReadStart(path: string, maxBytes: number): Uint8Array | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = this.#open(path);
      const bytes = Buffer.allocUnsafe(Math.min(sizeOfPlainFile(descriptor), maxBytes));
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  read(path: string): Uint8Array {
    const descriptor = this.#open(path);
    try {
      const length = this.#readFirst(descriptor);
      // What leaves room in the buffer is all there is. Nothing at all, or more, is looked at more closely.
      if (length > 0 && length < this.#buffer.length) return this.#buffer.subarray(0, length);
      return this.#readLarge(descriptor, length);
    } finally {
      closeSync(descriptor);
    }
  }

  /** The bytes from an offset on, as many as suit; none at the present end of the file. */
  readFrom(path: string, offset: number): Uint8Array {
    const descriptor = this.#open(path);
    try {
      const length = readSync(descriptor, this.#buffer, 0, SHARD_CHUNK_BYTES, offset);
      return this.#buffer.subarray(0, length);
    } catch (error) {
      sizeOfPlainFile(descriptor);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Opens a file that is read from its beginning on, as far as it has been written; `undefined` when there is none, or
   * something that is no file.
   */
  tryOpen(path: string): GrowingFile | undefined {
    return this.#tryOpen(path, isMissing);
  }

  /** As `tryOpen`, for a file that is waited for: throws a {@link TraceReadError} for what will never be one. */
  tryOpenAwaited(path: string): GrowingFile | undefined {
    try {
      return this.#tryOpen(path, isNotThere);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new TraceReadError("log_unreadable", `${path} is no plain file`, {}, cause);
    }
  }

  #tryOpen(path: string, isNone: (error: unknown) => boolean): GrowingFile | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = this.#open(path);
      sizeOfPlainFile(descriptor);
      return new GrowingFile(descriptor);
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      if (isNone(error)) return undefined;
      throw error;
    }
  }

  #open(path: string): number {
    // Nearly all files are in one directory.
    const last = this.#lastDirectory;
    const directory =
      last !== undefined && isNameIn(last.path, path) ? last : this.#directoryOf(path);
    return openPlain(directory.real + path.slice(directory.path.length), this.#directory);
  }

  #directoryOf(path: string): OpenedDirectory {
    const nameStart = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
    const directory = path.slice(0, nameStart);
    this.#lastDirectory = { path: directory, real: this.#realDirectoryOf(directory) };
    return this.#lastDirectory;
  }

  /** Where a directory of the bundle really is, with a separator at its end. */
  #realDirectoryOf(directory: string): string {
    const path = realpathSync(resolve(this.#directory, directory));
    if (!isInside(this.#directory, path)) throw outside();
    return path.endsWith(sep) ? path : path + sep;
  }

  #readFirst(descriptor: number): number {
    try {
      // At a position: pipes have none, so they fail here whether somebody has written to them or not.
      return readSync(descriptor, this.#buffer, 0, this.#buffer.length, 0);
    } catch (error) {
      // A directory or a pipe.
      sizeOfPlainFile(descriptor);
      throw error;
    }
  }

  /** Reads on behind the first `start` bytes. */
  #readLarge(descriptor: number, start: number): Uint8Array {
    this.#reserve(sizeOfPlainFile(descriptor) + 1);
    let length = start;
    for (;;) {
      const room = this.#buffer.length - length;
      const read = readSync(descriptor, this.#buffer, length, room, length);
      if (read === 0) return this.#buffer.subarray(0, length);
      length += read;
      // It grew meanwhile.
      if (length === this.#buffer.length) this.#reserve(length + 1);
    }
  }

  /** Makes room for so many bytes, with those that are there. */
  #reserve(bytes: number): void {
    if (bytes > GREATEST_FILE_BYTES) throw new Error("the file is too large");
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

class NotPlainFileError extends Error {}

/** Directories, pipes and devices hold no payload. */
function sizeOfPlainFile(descriptor: number): number {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw new NotPlainFileError("not a plain file");
  return status.size;
}

/** A link is followed only when it stays inside. */
function openPlain(file: string, directory: string): number {
  try {
    return openSync(file, READ_PLAIN_FILE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOOP") throw error;
    const real = realpathSync(file);
    if (!isInside(directory, real)) throw outside();
    return openSync(real, READ_PLAIN_FILE);
  }
}

/** A file that may still be growing. Must be closed. */
export class GrowingFile {
  readonly #descriptor: number;
  readonly #buffer = Buffer.allocUnsafeSlow(LOG_CHUNK_BYTES);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The next bytes, good until the next call; `undefined` when there are no more at present. */
  read(): Uint8Array | undefined {
    const length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, null);
    return length === 0 ? undefined : this.#buffer.subarray(0, length);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

interface OpenedDirectory {
  /** As in the paths of its files, with the separator; empty for the bundle itself. */
  readonly path: string;
  /** Where it is, with a separator at its end. */
  readonly real: string;
}

/** Whether a path is that of a directory and a name. */
function isNameIn(directory: string, path: string): boolean {
  const { length } = directory;
  return path.startsWith(directory) && !path.includes("/", length) && !path.includes("\\", length);
}

function isInside(directory: string, path: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
  );
}

/** Whether there is no file at all: something else that has its name is no file either. */
function isMissing(error: unknown): boolean {
  if (error instanceof NotPlainFileError || isNotThere(error)) return true;
  const code = (error as NodeJS.ErrnoException).code;
  // The last is a link that leads to itself.
  return code === "ENOTDIR" || code === "ELOOP";
}

function isNotThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function outside(): TraceReadError {
  return new TraceReadError("payload_outside_bundle", "the path leaves the bundle", {});
}
