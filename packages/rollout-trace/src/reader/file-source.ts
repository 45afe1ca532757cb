import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { EVENT_LOG_FILE, MANIFEST_FILE } from "../bundle.ts";
import { TraceReadError } from "./problem.ts";
import type { BundleSource } from "./source.ts";

const LOG_CHUNK_BYTES = 256 * 1024;
const FIRST_BUFFER_BYTES = 1024 * 1024;

/** Refusing links and never waiting for a pipe are decided by the open itself, so that no check can be outrun. */
const READ_PLAIN_FILE =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a bundle folder for {@link reduceBundle}. Nothing outside the folder is read, whatever its events or its
 * symbolic links say. Throws a {@link TraceReadError} of code `bundle_missing` when the path is not a folder.
 */
export function openBundle(path: string): BundleSource {
  const folder = realFolder(path);
  const reader = new PlainFileReader(folder);
  return {
    readManifest: () => reader.tryRead(MANIFEST_FILE)?.slice(),
    events: () => reader.chunks(EVENT_LOG_FILE),
    readPayload: (payloadPath) => reader.read(payloadPath),
  };
}

function realFolder(path: string): string {
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    throw missing(path, cause);
  }
  throw missing(path, undefined);
}

function missing(path: string, cause: unknown): TraceReadError {
  return new TraceReadError("bundle_missing", `trace bundle ${path} is not a folder`, {}, cause);
}

/** Reads files below one folder into one buffer that grows to the largest of them. */
class PlainFileReader {
  readonly #folder: string;
  readonly #realFolders = new Map<string, string>();
  #buffer: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES);

  constructor(folder: string) {
    this.#folder = folder;
  }

  tryRead(path: string): Uint8Array | undefined {
    try {
      return this.read(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  read(path: string): Uint8Array {
    const descriptor = this.#open(path);
    try {
      return this.#readAll(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** The file in chunks, each good until the next; `undefined` when there is no file. */
  chunks(path: string): Iterable<Uint8Array> | undefined {
    let descriptor: number;
    try {
      descriptor = this.#open(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return readChunks(descriptor);
  }

  #open(path: string): number {
    const file = resolve(this.#folder, path);
    const folder = this.#realFolderOf(dirname(file));
    const name = file.slice(dirname(file).length).replace(/^[\\/]/, "");
    const descriptor = openPlain(join(folder, name), this.#folder);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
    throw new Error(`${path} is not a file`);
  }

  #realFolderOf(folder: string): string {
    let real = this.#realFolders.get(folder);
    if (real === undefined) {
      real = realpathSync(folder);
      if (!isInside(this.#folder, real)) throw outside();
      this.#realFolders.set(folder, real);
    }
    return real;
  }

  #readAll(descriptor: number): Uint8Array {
    const expected = fstatSync(descriptor).size;
    // One byte more than expected, so that the end is seen without growing.
    if (this.#buffer.length <= expected) this.#grow(expected + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, null);
      length += read;
      if (read === 0 || length === expected) return this.#buffer.subarray(0, length);
      if (length === this.#buffer.length) this.#grow(length * 2);
    }
  }

  #grow(leastBytes: number): void {
    const larger = new Uint8Array(Math.max(leastBytes, Math.floor(this.#buffer.length * 1.5)));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** A link is followed only when it stays inside. */
function openPlain(file: string, folder: string): number {
  try {
    return openSync(file, READ_PLAIN_FILE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOOP") throw error;
    const real = realpathSync(file);
    if (!isInside(folder, real)) throw outside();
    return openSync(real, READ_PLAIN_FILE);
  }
}

function* readChunks(descriptor: number): Generator<Uint8Array, void> {
  const buffer = new Uint8Array(LOG_CHUNK_BYTES);
  try {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function outside(): TraceReadError {
  return new TraceReadError("payload_outside_bundle", "the path leaves the bundle", {});
}
