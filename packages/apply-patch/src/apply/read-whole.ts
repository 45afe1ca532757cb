import type { FileHandle } from "node:fs/promises";

/** Largest file that a patch changes, replaces or removes: its old content is kept until the whole patch is done. */
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;

/** The content of an open file. Throws for what is no regular file, and for more than a patch may hold in memory. */
export async function readWhole(handle: FileHandle): Promise<Buffer> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error("not a file");
  if (stats.size > LARGEST_FILE_BYTES)
    throw new Error(`the file is larger than ${LARGEST_FILE_BYTES} bytes`);
  return handle.readFile();
}
