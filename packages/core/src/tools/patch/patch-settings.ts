import type { PatchCompatibility } from "@codex-ts/apply-patch";
import type { ApprovalPolicy, SandboxMode } from "../../policies.ts";

/** Settings the patches of a thread share. */
export interface PatchSettings {
  readonly patchRules: PatchCompatibility;
  readonly cwd: string;
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds. */
  readonly now: () => number;
}
