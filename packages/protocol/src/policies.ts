import type { Codec } from "./internal/codec.ts";
import { anyJson, boolean, listOf, oneOf, orNull, text } from "./internal/codec.ts";
import { objectOf, required, withDefault } from "./internal/object-codec.ts";
import { externalUnion, taggedUnion } from "./internal/union-codec.ts";
import type { JsonValue } from "./json.ts";

/** When the user is asked before a command runs. `on-failure` is gone in 0.169; the default is `on-request`. */
export type AskForApproval =
  | "untrusted"
  | "on-failure"
  | "on-request"
  | "never"
  | { readonly granular: GranularApproval };

/** Which kinds of questions are asked at all. */
export interface GranularApproval {
  readonly sandbox_approval: boolean;
  readonly rules: boolean;
  readonly skill_approval: boolean;
  readonly request_permissions: boolean;
  readonly mcp_elicitations: boolean;
}

/** Rights of commands, as a setting names them. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/** Rights of commands, in full. */
export type SandboxPolicy =
  | { readonly type: "danger-full-access" }
  | { readonly type: "read-only"; readonly network_access: boolean }
  | { readonly type: "external-sandbox"; readonly network_access: "restricted" | "enabled" }
  | {
      readonly type: "workspace-write";
      /** Absolute paths besides the working directory. */
      readonly writable_roots: readonly string[];
      readonly network_access: boolean;
      readonly exclude_tmpdir_env_var: boolean;
      readonly exclude_slash_tmp: boolean;
    };

/** Who decides about approval requests. */
export type ApprovalsReviewer = "user" | "auto_review";

/** Decision about one approval request. The default is `denied`. */
export type ReviewDecision =
  | "approved"
  | "approved_for_session"
  | "denied"
  | "timed_out"
  | "abort"
  | { readonly approved_execpolicy_amendment: JsonValue }
  | { readonly network_policy_amendment: JsonValue };

/** How an agent is doing. */
export type AgentStatus =
  | "pending_init"
  | "running"
  | "interrupted"
  | "shutdown"
  | "not_found"
  /** Its last message, if it had one. */
  | { readonly completed: string | null }
  | { readonly errored: string };

/** Instructions a session was started with. */
export interface BaseInstructions {
  readonly text: string;
}

/** Trace context of W3C, as headers carry it. */
export interface W3cTraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

export const askForApprovalCodec: Codec<AskForApproval> = externalUnion<AskForApproval>(
  oneOf(["untrusted", "on-failure", "on-request", "never"]),
  {
    granular: objectOf<GranularApproval>({
      sandbox_approval: required(boolean),
      rules: required(boolean),
      skill_approval: withDefault(boolean, false),
      request_permissions: withDefault(boolean, false),
      mcp_elicitations: required(boolean),
    }),
  },
);

export const approvalsReviewerCodec: Codec<ApprovalsReviewer> = oneOf(["user", "auto_review"], {
  guardian_subagent: "auto_review",
});

export const sandboxPolicyCodec: Codec<SandboxPolicy> = taggedUnion<SandboxPolicy>({
  "danger-full-access": {},
  "read-only": { network_access: withDefault(boolean, false, (enabled) => !enabled) },
  "external-sandbox": {
    network_access: withDefault<"restricted" | "enabled">(
      oneOf(["restricted", "enabled"]),
      "restricted",
    ),
  },
  "workspace-write": {
    writable_roots: withDefault<readonly string[]>(listOf(text), [], (roots) => roots.length === 0),
    network_access: withDefault(boolean, false),
    exclude_tmpdir_env_var: withDefault(boolean, false),
    exclude_slash_tmp: withDefault(boolean, false),
  },
});

export const reviewDecisionCodec: Codec<ReviewDecision> = externalUnion<ReviewDecision>(
  oneOf(["approved", "approved_for_session", "denied", "timed_out", "abort"]),
  { approved_execpolicy_amendment: anyJson, network_policy_amendment: anyJson },
);

const agentStatusCodec: Codec<AgentStatus> = externalUnion<AgentStatus>(
  oneOf(["pending_init", "running", "interrupted", "shutdown", "not_found"]),
  { completed: orNull(text), errored: text },
);

/** Reads an approval policy in its stored form. */
export function readAskForApproval(value: unknown): AskForApproval | undefined {
  return askForApprovalCodec.read(value);
}

/** Reads who decides about approval requests; `guardian_subagent` is an older name of `auto_review`. */
export function readApprovalsReviewer(value: unknown): ApprovalsReviewer | undefined {
  return approvalsReviewerCodec.read(value);
}

/** Reads a sandbox policy; absent members have their restrictive default. */
export function readSandboxPolicy(value: unknown): SandboxPolicy | undefined {
  return sandboxPolicyCodec.read(value);
}

/** The policy as JSON; `network_access: false` of `read-only` and empty `writable_roots` are left out. */
export function toWireSandboxPolicy(policy: SandboxPolicy): JsonValue {
  return sandboxPolicyCodec.write(policy);
}

/** Reads an agent status in its stored form. */
export function readAgentStatus(value: unknown): AgentStatus | undefined {
  return agentStatusCodec.read(value);
}
