import type { SandboxSettings } from "../sandbox/writable-roots.ts";
import type { PatchCompatibility } from "@codex-ts/apply-patch";

/** Settings the patches of a thread share. */
export interface PatchSettings {
  readonly patchRules: PatchCompatibility;
  readonly sandbox: SandboxSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds. */
  readonly now: () => number;
}
