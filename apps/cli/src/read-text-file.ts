import { decodeText, readPlainFile, readPlainFileTail } from "@codex-ts/api/internal";

/**
 * Reads a regular file of at most `maxBytes` as text, in any encoding that editors save. Throws what Node throws, and an
 * `Error` of one line that says why the file is no such text.
 */
export function readTextFile(path: string, { maxBytes }: { readonly maxBytes: number }): string {
  const decoded = decodeText(readPlainFile(path, { maxBytes }));
  if ("problem" in decoded) throw new Error(decoded.problem);
  return decoded.text;
}

/** Reads the end of a regular file of any size as UTF-8. The cut may stand within a character. */
export function readTextTail(path: string, tailBytes: number): string {
  return new TextDecoder().decode(readPlainFileTail(path, tailBytes));
}
