import type { GranularApproval, JsonValue } from "@codex-ts/protocol";

/** Rights of commands. Those but `danger-full-access` are enforced by `bwrap`, which is for Linux only; without it no command runs. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/**
 * When the user is asked. `untrusted`: before every command that is not known to only read, and every patch; `on-request`: when the
 * model wants to run a command without a sandbox, and before a patch that the sandbox does not let through; `on-failure`: before such
 * a patch; `never`: what would be asked about is refused. Rules (`execPolicy`) and commands that remove files by force are asked about
 * in all but the last. An object: as `on-request`, but what it switches off is refused unasked: `sandbox_approval` commands without a
 * sandbox and patches it does not let through, `rules` what rules want asked, `mcp_elicitations` questions of MCP servers.
 */
export type ApprovalPolicy =
  | "untrusted"
  | "on-failure"
  | "on-request"
  | "never"
  | { readonly granular: GranularApproval };

/** The policy whose rules hold, besides what a granular one switches off. */
export function ruleOf(policy: ApprovalPolicy): Extract<ApprovalPolicy, string> {
  return typeof policy === "object" ? "on-request" : policy;
}

/** The policy as files keep it. */
export function policyJson(policy: ApprovalPolicy): JsonValue {
  return typeof policy === "object" ? { granular: { ...policy.granular } } : policy;
}

/** Its name, for people and models. */
export function policyName(policy: ApprovalPolicy): string {
  return typeof policy === "object" ? "granular" : policy;
}

/** Whether a person may be asked about something of this kind, as far as the policy goes. */
export function mayAskAbout(policy: ApprovalPolicy, kind: keyof GranularApproval): boolean {
  return typeof policy === "object" ? policy.granular[kind] : policy !== "never";
}

/** Text of the user for the model, as `readProjectInstructions` finds it. */
export interface UserInstructions {
  readonly text: string;
  /** Whether it belongs to the working directory, which its heading then names. A text alone is taken to belong there. */
  readonly hasProjectFiles: boolean;
  /** Paths of the files it was read from, absolute, to be shown. Default none. */
  readonly files?: readonly string[];
}
