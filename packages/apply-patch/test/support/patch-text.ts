import { type Chunk, parsePatch } from "@codex-ts/apply-patch";

/** A patch with these lines between its begin and its end. */
export function patchOf(...lines: readonly string[]): string {
  return ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
}

/** The chunks of an update with these lines. */
export function chunksOf(...lines: readonly string[]): readonly Chunk[] {
  const [hunk] = parsePatch(patchOf("*** Update File: f", ...lines)).hunks;
  if (hunk?.type !== "update") throw new Error("no update");
  return hunk.chunks;
}

/** The error a function throws or rejects with. */
export async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("no error");
}
