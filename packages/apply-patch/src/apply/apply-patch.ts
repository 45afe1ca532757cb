import type { Patch } from "../patch.ts";
import type { AppliedFile } from "./verified-patch.ts";
import { type ApplyOptions, verifyPatch } from "./verify-patch.ts";

/**
 * Applies a patch, all of it or nothing, and returns the changed files. Throws a `PatchError` with one of its codes; `undo_failed`
 * is the only one after which files may differ from before.
 */
export async function applyPatch(
  patch: Patch | string,
  options: ApplyOptions,
): Promise<readonly AppliedFile[]> {
  const verified = await verifyPatch(patch, options);
  return await verified.apply();
}
