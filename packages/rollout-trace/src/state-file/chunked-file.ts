import { Buffer } from "node:buffer";
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;
/** UTF-8 needs at most so many bytes for one unit of a string. */
const BYTES_PER_UNIT = 3;

/**
 * A file that is written in chunks beside its place and moved there when it is whole. Readable by its owner only. A
 * terminal or a pipe (`/dev/stdout`) is written to directly: no file must take its place.
 */
export class ChunkedFile {
  readonly #path: string;
  /** `undefined` when the file is written in place. */
  readonly #temporaryPath: string | undefined;
  readonly #descriptor: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #length = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#temporaryPath = isDevice(path)
      ? undefined
      : `${path}.${process.pid}-${process.hrtime.bigint()}.tmp`;
    this.#descriptor =
      this.#temporaryPath === undefined
        ? openSync(path, "w")
        : openSync(this.#temporaryPath, "wx", 0o600);
  }

  /** Has a file printed and puts it in its place. After a failure nothing of it is left. */
  static write(path: string, print: (file: ChunkedFile) => void): void {
    const file = new ChunkedFile(path);
    try {
      print(file);
      file.#commit();
    } catch (error) {
      file.#abandon();
      throw error;
    }
  }

  text(text: string): void {
    if (text.length * BYTES_PER_UNIT > CHUNK_BYTES) {
      this.bytes(Buffer.from(text, "utf8"));
      return;
    }
    if (text.length * BYTES_PER_UNIT > CHUNK_BYTES - this.#length) this.#flush();
    this.#length += this.#chunk.write(text, this.#length);
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > CHUNK_BYTES - this.#length) this.#flush();
    if (bytes.length > CHUNK_BYTES) this.#writeAll(bytes);
    else {
      this.#chunk.set(bytes, this.#length);
      this.#length += bytes.length;
    }
  }

  /** Ends the file and moves it to its place, where it replaces what was there. */
  #commit(): void {
    this.#flush();
    closeSync(this.#descriptor);
    if (this.#temporaryPath !== undefined) renameSync(this.#temporaryPath, this.#path);
  }

  /** Removes what was written. */
  #abandon(): void {
    try {
      closeSync(this.#descriptor);
    } catch {
      // Closed already: only moving it into place failed.
    }
    if (this.#temporaryPath !== undefined) rmSync(this.#temporaryPath, { force: true });
  }

  #flush(): void {
    this.#writeAll(this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
  }
}

function isDevice(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}
