import { expect, test } from "vitest";
import * as applyPatch from "@codex-ts/apply-patch";

test("exports exactly these values; a new one needs a changeset", () => {
  expect(Object.keys(applyPatch).toSorted()).toEqual([
    "PatchError",
    "PatchStream",
    "VerifiedPatch",
    "appliedSummary",
    "applyPatch",
    "createPatch",
    "findShellPatch",
    "parsePatch",
    "patchText",
    "unifiedDiff",
    "verifyPatch",
  ]);
});
