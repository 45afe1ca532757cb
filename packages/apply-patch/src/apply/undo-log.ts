import { constants } from "node:fs";
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readlink,
  rm,
  rmdir,
  stat,
  symlink,
} from "node:fs/promises";
import { dirname } from "node:path";
import { readWhole } from "./read-whole.ts";

/** An existing file, and no link that has taken its place since it was looked at. */
const REWRITE = constants.O_RDWR | constants.O_NOFOLLOW;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Changes files and can take every change back. Files keep their inode, mode and links to them where they are overwritten. */
export class UndoLog {
  /** How to take back what was done, the first change first. */
  readonly #steps: (() => Promise<void>)[] = [];

  /**
   * Writes the file at `place`, which is a path without links. `path` is the path it was reached by: the directories it is to be in are
   * made.
   */
  async write(path: string, place: string, content: string): Promise<void> {
    const bytes = Buffer.from(content, "utf8");
    const existing = await openIfThere(place);
    if (existing === undefined) {
      await this.#makeDirectory(dirname(path));
      const created = await open(place, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
      this.#steps.push(() => rm(place));
      await overwrite(created, bytes);
      return;
    }
    let before: Buffer;
    try {
      before = await readWhole(existing);
    } catch (error) {
      await existing.close();
      throw error;
    }
    this.#steps.push(async () => overwrite(await open(place, REWRITE), before));
    await overwrite(existing, bytes);
  }

  /** Removes a file or a link. */
  async remove(path: string): Promise<void> {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) {
      const target = await readlink(path);
      await rm(path);
      this.#steps.push(() => symlink(target, path));
      return;
    }
    const handle = await open(path, READ);
    let before: Buffer;
    try {
      before = await readWhole(handle);
    } finally {
      await handle.close();
    }
    await rm(path);
    this.#steps.push(async () => {
      await overwrite(await open(path, "wx", 0o600), before);
      await chmod(path, stats.mode & 0o7777);
    });
  }

  /** Takes all changes back, the last one first. Rejects with an `AggregateError` of what could not be taken back. */
  async undo(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "undo a patch");
  }

  /** Makes a directory and those it is to be in, one by one: when one cannot be made, those before it are known. */
  async #makeDirectory(path: string): Promise<void> {
    const missing: string[] = [];
    for (let each = path; !(await isThere(each)); each = dirname(each)) missing.push(each);
    for (const each of missing.toReversed()) {
      await mkdir(each);
      this.#steps.push(() => rmdir(each));
    }
  }
}

/** Whether anything is at a path; what is wrong with it shows when it is used. */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/** `undefined` for a path where nothing is. A pipe is not waited for. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, REWRITE | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new Error("not a file");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes the bytes the whole content and closes. The old ones keep their room on the disk until all new ones are written. */
async function overwrite(handle: FileHandle, bytes: Buffer): Promise<void> {
  try {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, written);
      written += bytesWritten;
    }
    await handle.truncate(bytes.length);
  } finally {
    await handle.close();
  }
}
