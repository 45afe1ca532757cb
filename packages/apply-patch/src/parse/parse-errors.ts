import { PatchError } from "../patch-error.ts";
import { ADD_FILE, BEGIN_PATCH, DELETE_FILE, END_PATCH, UPDATE_FILE } from "./markers.ts";

/** The text is no patch. */
export function invalidPatch(reason: string, path?: string): PatchError {
  return new PatchError("invalid_patch", `invalid patch: ${reason}`, { path });
}

export const missingBegin = (): PatchError =>
  invalidPatch(`The first line of the patch must be '${BEGIN_PATCH}'`);

export const missingEnd = (): PatchError =>
  invalidPatch(`The last line of the patch must be '${END_PATCH}'`);

/** A line of the patch is wrong where it stands. */
function invalidHunk(line: number, reason: string): PatchError {
  return new PatchError("invalid_patch", `invalid hunk at line ${line}, ${reason}`, { line });
}

export function notAHeader(line: number, text: string): PatchError {
  const headers = [ADD_FILE, DELETE_FILE, UPDATE_FILE].map((marker) => `'${marker}{path}'`);
  return invalidHunk(
    line,
    `'${text}' is not a valid hunk header. Valid hunk headers: ${headers.join(", ")}`,
  );
}

export const emptyUpdate = (line: number, path: string): PatchError =>
  invalidHunk(line, `Update file hunk for path '${path}' is empty`);

export const emptyChunk = (line: number): PatchError =>
  invalidHunk(line, "Update hunk does not contain any lines");

export const expectedContext = (line: number, text: string): PatchError =>
  invalidHunk(line, `Expected update hunk to start with a @@ context marker, got: '${text}'`);

export const unexpectedLine = (line: number, text: string): PatchError =>
  invalidHunk(
    line,
    `Unexpected line found in update hunk: '${text}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
  );
