import { ThreadTrace } from "@codex-ts/rollout-trace";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { SandboxMode } from "./thread-options.ts";

/** Starts the recording of a thread; a disabled one when none is wanted or the disk does not allow it. */
export function startTrace(
  options: ResolvedOptions,
  threadId: string,
  onWarning: (message: string) => void,
): ThreadTrace {
  if (options.trace === undefined) return ThreadTrace.disabled();
  const { model, provider, sessionSource, cwd, approvalPolicy } = options;
  const trace = ThreadTrace.startRoot({
    root: options.trace.root,
    schemaVersion: options.trace.schemaVersion,
    now: options.now,
    onWarning,
    metadata: {
      threadId,
      agentPath: "/root",
      sessionSource,
      cwd,
      model: model.slug,
      providerName: provider.id,
      approvalPolicy,
      sandboxPolicy: SANDBOX_POLICY_NAMES[options.sandboxMode],
    },
  });
  trace.recordProtocolEvent({
    type: "session_configured",
    session_id: threadId,
    thread_id: threadId,
    thread_source: options.threadSource,
    model: model.slug,
    model_provider_id: provider.id,
    approval_policy: approvalPolicy,
    approvals_reviewer: "user",
    permission_profile: {
      type: options.sandboxMode === "danger-full-access" ? "disabled" : "managed",
    },
    cwd,
  });
  return trace;
}

const SANDBOX_POLICY_NAMES: Readonly<Record<SandboxMode, string>> = {
  "danger-full-access": "DangerFullAccess",
  "workspace-write": "WorkspaceWrite",
  "read-only": "ReadOnly",
};
