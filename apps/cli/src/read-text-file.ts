import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { decodeText } from "@codex-ts/api/internal";

/**
 * Reads a regular file as text, in any encoding that editors save, or its last `tailBytes`. Throws what Node throws; for
 * bytes that are no text an `Error` that says what they are; and for anything that is no regular file: reading a pipe
 * would wait for a writer, and no signal could end that.
 */
export function readPlainFile(path: string, options: { readonly tailBytes?: number } = {}): string {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (status.isDirectory()) throw new Error("it is a directory");
    if (!status.isFile()) throw new Error("it is no plain file");
    const { tailBytes = Infinity } = options;
    if (status.size <= tailBytes) return textOf(readFileSync(descriptor));
    const bytes = Buffer.alloc(tailBytes);
    const count = readSync(descriptor, bytes, 0, tailBytes, status.size - tailBytes);
    // The cut may stand within a character.
    return bytes.toString("utf8", 0, count);
  } finally {
    closeSync(descriptor);
  }
}

function textOf(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ("problem" in decoded) throw new Error(decoded.problem);
  return decoded.text;
}
