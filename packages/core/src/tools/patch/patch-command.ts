import { resolve } from "node:path";
import { findShellPatch, parsePatch } from "@codex-ts/apply-patch";
import { isKnownShell } from "../exec/shell-by-name.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import type { PatchSettings } from "./patch-settings.ts";
import { readPatch, runPatch } from "./run-patch.ts";

/** For a model that writes a patch where a command belongs; machine-read, the same in Codex. */
const NO_CALL =
  'apply_patch verification failed: patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]';

/**
 * Applies the patch of a command that does nothing else, without a process; there need not be a program `apply_patch`. Resolves with
 * `undefined` for any other command. Rejects with a `ToolError`.
 */
export async function runPatchCommand(
  { command, cwd }: { readonly command: readonly string[]; readonly cwd: string },
  settings: PatchSettings,
  call: ToolCall,
): Promise<string | undefined> {
  const [shell = "", , script = ""] = command;
  if (!isKnownShell(shell)) return undefined;
  if (isPatch(script)) throw new ToolError(NO_CALL);
  const found = findShellPatch(script);
  if (found === undefined) return undefined;
  const directory = resolve(cwd, found.directory ?? "");
  return runPatch(readPatch(found.patch), { settings, call, directory });
}

function isPatch(script: string): boolean {
  if (!script.includes("*** Begin Patch")) return false;
  try {
    parsePatch(script);
    return true;
  } catch {
    return false;
  }
}
