import { ToolError } from "../tool.ts";
import type { Tool } from "../tool.ts";
import { APPLY_PATCH_SPEC } from "./apply-patch-spec.ts";
import type { PatchSettings } from "./patch-settings.ts";
import { readPatch, runPatch } from "./run-patch.ts";

/** There is one place to apply patches to; machine-read, the same in Codex. */
const NO_ENVIRONMENTS = "apply_patch environment selection is unavailable for this turn";

/** The tool `apply_patch`: edits files by a patch. */
export function applyPatchTool(settings: PatchSettings): Tool {
  return {
    name: "apply_patch",
    kind: "custom",
    spec: APPLY_PATCH_SPEC,
    parallel: false,
    run: async (call) => {
      const patch = readPatch(call.input);
      if (patch.environmentId !== undefined) throw new ToolError(NO_ENVIRONMENTS);
      return { output: await runPatch(patch, { settings, call, directory: call.cwd }), value: {} };
    },
  };
}
