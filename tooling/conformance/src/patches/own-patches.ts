import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  appliedSummary,
  parsePatch,
  type PatchCompatibility,
  PatchError,
  verifyPatch,
  type VerifiedPatch,
} from "@codex-ts/apply-patch";
import type { PatchCase, PatchOutcome } from "./patch-case.ts";
import { readTree, writeTree } from "./tree-files.ts";

/** Applies the patches of cases with ours, one after the other, in an empty directory. */
export async function ownOutcomes(
  cases: readonly PatchCase[],
  root: string,
  compatibility: PatchCompatibility,
): Promise<PatchOutcome[]> {
  mkdirSync(root);
  const outcomes: PatchOutcome[] = [];
  for (const { folder, tree, patch } of cases) {
    writeTree(join(root, folder), tree);
    const output = await applyOwn(patch.replaceAll("{ROOT}", root), root, compatibility);
    outcomes.push({
      output: output.replaceAll(root, "{ROOT}"),
      tree: readTree(join(root, folder)),
    });
  }
  return outcomes;
}

/** What a model is told of a patch, without the wall time. */
async function applyOwn(
  text: string,
  directory: string,
  compatibility: PatchCompatibility,
): Promise<string> {
  let verified: VerifiedPatch;
  try {
    const patch = parsePatch(text);
    if (patch.environmentId !== undefined)
      return "apply_patch environment selection is unavailable for this turn";
    verified = await verifyPatch(patch, { directory, compatibility });
    if (verified.changes.length === 0) return "patch rejected: empty patch";
  } catch (error) {
    return `apply_patch verification failed: ${messageOf(error)}`;
  }
  try {
    return `Exit code: 0\nOutput:\n${appliedSummary(await verified.apply())}`;
  } catch (error) {
    return `Exit code: 1\nOutput:\n${messageOf(error)}\n`;
  }
}

/** Anything but a `PatchError` is a fault of ours and ends the comparison. */
function messageOf(error: unknown): string {
  if (!PatchError.is(error)) throw error;
  return error.message;
}
