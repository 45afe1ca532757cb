import { zstdDecompressSync } from "node:zlib";
import { readPlainFile } from "@codex-ts/api/internal";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";

const NEWLINE = 10;
/** Many times the session of weeks; all of it is read at once. */
const MAX_SESSION_BYTES = 1024 * 1024 * 1024;

/** A line of a session file that could be read. */
export interface RawLine {
  readonly timestamp: string;
  /** Number of the line; 0.140 has none. */
  readonly ordinal: number | undefined;
  readonly type: string;
  readonly payload: JsonObject;
  /** The line begins with this byte of the file. */
  readonly startByte: number;
  /** The byte after the line in the file. */
  readonly endByte: number;
  /** The line as it stands there. */
  readonly text: string;
}

/** The bytes of a session file, of one that Codex has compressed, too. Throws for what is none, and for more than 1 GiB. */
export function readSessionBytes(path: string, maxBytes: number = MAX_SESSION_BYTES): Uint8Array {
  const bytes = readPlainFile(path, { maxBytes });
  if (!path.endsWith(".zst")) return bytes;
  return zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
}

/** The lines of a session file; what is none is left out, at any place. A last line may lack its end. */
export function* readLines(file: Uint8Array): Generator<RawLine, undefined> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const endByte = end + (newline === -1 ? 0 : 1);
    const line = toLine(bytes.toString("utf8", start, end), { startByte: start, endByte });
    if (line !== undefined) yield line;
    start = end + 1;
  }
}

function toLine(text: string, place: Pick<RawLine, "startByte" | "endByte">): RawLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { timestamp, ordinal, type, payload } = value;
    if (typeof timestamp !== "string" || typeof type !== "string" || !isJsonObject(payload)) {
      return undefined;
    }
    const number = Number.isSafeInteger(ordinal) ? (ordinal as number) : undefined;
    return { timestamp, ordinal: number, type, payload, ...place, text };
  } catch {
    return undefined;
  }
}
