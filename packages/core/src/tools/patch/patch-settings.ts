import type { CommandUnderstanding } from "../../compatibility/compatibility-profile.ts";
import type { SandboxSettings } from "../sandbox/writable-roots.ts";
import type { PatchCompatibility } from "@codex-ts/apply-patch";

/** Settings the patches of a thread share. */
export interface PatchSettings {
  readonly patchRules: PatchCompatibility;
  /** How the model reads of a question to the user that came to nothing. */
  readonly failedQuestion: CommandUnderstanding["failedQuestion"];
  readonly sandbox: SandboxSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds. */
  readonly now: () => number;
}
