import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { readLines } from "./read-lines.ts";
import type { RawLine } from "./read-lines.ts";

/** Where the beginning of a session is; returns the bytes of the file, or throws. */
export type OpenBase = (fileId: string) => Uint8Array;

/** The lines of a session that lie in one file. */
export interface SessionSegment {
  readonly fileId: string;
  readonly lines: readonly RawLine[];
}

/** Forks of forks of forks…; a file that refers to itself would have no end. */
const MAX_BASES = 100;

/**
 * The lines of other files that a session begins with, oldest first: those of the thread it was forked from, or of the same
 * thread before turns were taken back. Throws when they cannot be found.
 */
export function baseSegments(
  base: JsonObject,
  openBase: OpenBase,
  basesLeft: number = MAX_BASES,
): readonly SessionSegment[] {
  const { thread_id: fileId, end_byte_offset: endByte } = base;
  if (typeof fileId !== "string" || typeof endByte !== "number") {
    throw new Error("the place of its beginning is not readable");
  }
  if (basesLeft === 0) throw new Error("its beginning is in too many other files");
  const { buffer, byteOffset, byteLength } = openBase(fileId).subarray(0, endByte);
  const lines = [...readLines(Buffer.from(buffer, byteOffset, byteLength))];
  const further = lines[0]?.payload["history_base"];
  const before = isJsonObject(further) ? baseSegments(further, openBase, basesLeft - 1) : [];
  return [...before, { fileId, lines }];
}
