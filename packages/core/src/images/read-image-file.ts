import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { getSystemErrorMap } from "node:util";

/** Largest file that is read as an image, in bytes. What is sent is smaller. */
const MAX_FILE_BYTES = 100 * 1_048_576;

/** The bytes of a file that is to be an image, or why there are none. */
export type ImageFile =
  | { readonly type: "read"; readonly bytes: Buffer }
  | { readonly type: "missing" | "directory" | "unreadable"; readonly reason: string }
  | { readonly type: "not_a_file" };

/** Reads a plain file. Never rejects, and waits for nobody. */
export async function readImageFile(path: string): Promise<ImageFile> {
  try {
    // Without waiting: a pipe would otherwise be waited for until somebody writes.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const facts = await file.stat();
      if (facts.isDirectory()) {
        return { type: "directory", reason: "Is a directory (os error 21)" };
      }
      if (!facts.isFile()) return { type: "not_a_file" };
      if (facts.size > MAX_FILE_BYTES) {
        return { type: "unreadable", reason: `larger than ${MAX_FILE_BYTES} bytes` };
      }
      return { type: "read", bytes: await file.readFile() };
    } finally {
      await file.close();
    }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { type: isMissing ? "missing" : "unreadable", reason: systemText(error) };
  }
}

/** An error of the system as Codex words it: `No such file or directory (os error 2)`. */
function systemText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  if (errno === undefined || known === undefined) return message;
  return `${known.charAt(0).toUpperCase()}${known.slice(1)} (os error ${Math.abs(errno)})`;
}
