import { randomBytes } from "node:crypto";
import { open, readdir, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";

const FILE_MODE = 0o600;

/**
 * Replaces a file so that readers see the old content or the new one and nothing else, at mode 0600.
 *
 * The content goes to a fresh file in the same directory first; a symbolic link in its place is refused, a link at
 * `path` itself is kept and its target replaced. A crash leaves the old file whole.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  makeDirectory(dirname(path));
  const target = await realpath(path).catch(() => path);
  const temporary = join(
    dirname(target),
    `${temporaryPrefix(target)}${randomBytes(8).toString("hex")}`,
  );
  try {
    await writeDurably(temporary, content);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(target));
}

/** Removes what killed writers of `path` left behind. Only call it while no other writer can be at work. */
export async function removeAbandonedTemporaries(path: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const names = await readdir(dirname(target)).catch(() => []);
  const abandoned = names.filter((name) => name.startsWith(temporaryPrefix(target)));
  await Promise.all(abandoned.map((name) => rm(join(dirname(target), name), { force: true })));
}

function temporaryPrefix(target: string): string {
  return `.${basename(target)}.codex-ts-`;
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, "wx", FILE_MODE);
  try {
    await file.writeFile(content, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut; not every file system can. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r").catch(() => undefined);
  try {
    await directory?.sync();
  } catch {
    // Windows and some network file systems refuse; the rename is done all the same.
  } finally {
    await directory?.close();
  }
}
