import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { PatchCompatibility } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import { decodeText } from "./decode-text.ts";
import { readWhole } from "./read-whole.ts";
import { reasonOf } from "./reason-of.ts";

/** Nobody is waited for, should a pipe have the name by now. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Reads a file that a patch updates or deletes. Throws a `PatchError` with code `unreadable_file`. */
export async function readSource(
  path: string,
  options: { readonly for: "update" | "delete"; readonly compatibility: PatchCompatibility },
): Promise<string> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw notAFile(path, stats.isDirectory(), options.compatibility);
    const handle = await open(path, READ);
    try {
      return decodeText(await readWhole(handle));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const purpose = options.for === "update" ? "file to update " : "";
    throw new PatchError(
      "unreadable_file",
      `Failed to read ${purpose}${path}: ${reasonOf(error)}`,
      {
        path,
        cause: error,
      },
    );
  }
}

function notAFile(path: string, isDirectory: boolean, compatibility: PatchCompatibility): Error {
  if (isDirectory && compatibility === "0.140")
    return Object.assign(new Error("is a directory"), { code: "EISDIR" });
  return new Error(`path \`${path}\` is not a file`);
}
