import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/**
 * Reads a regular file, or its last `tailBytes`. Throws what Node throws, and for anything else that has the name:
 * a pipe would be waited for until it is written to, and no signal could end that.
 */
export function readPlainFile(path: string, options: { readonly tailBytes?: number } = {}): string {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (status.isDirectory()) throw new Error("it is a directory");
    if (!status.isFile()) throw new Error("it is no plain file");
    const { tailBytes = Infinity } = options;
    if (status.size <= tailBytes) return readFileSync(descriptor, "utf8");
    const bytes = Buffer.alloc(tailBytes);
    const count = readSync(descriptor, bytes, 0, tailBytes, status.size - tailBytes);
    return bytes.toString("utf8", 0, count);
  } finally {
    closeSync(descriptor);
  }
}
