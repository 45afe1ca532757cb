import { ThreadTrace } from "@codex-ts/rollout-trace";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { SandboxMode } from "./thread-options.ts";

/**
 * The recording of a thread: the caller's, or one of its own; a disabled one when none is wanted or the disk does not
 * allow it.
 */
export function startTrace(
  options: ResolvedOptions,
  threadId: string,
  onWarning: (message: string) => void,
): ThreadTrace {
  const trace = openTrace(options, threadId, onWarning);
  trace.recordProtocolEvent({
    type: "session_configured",
    session_id: options.sessionId ?? threadId,
    thread_id: threadId,
    thread_source: options.threadSource,
    model: options.model.slug,
    model_provider_id: options.provider.id,
    approval_policy: options.approvalPolicy,
    approvals_reviewer: "user",
    permission_profile: {
      type: options.sandboxMode === "danger-full-access" ? "disabled" : "managed",
    },
    cwd: options.cwd,
  });
  return trace;
}

function openTrace(
  options: ResolvedOptions,
  threadId: string,
  onWarning: (message: string) => void,
): ThreadTrace {
  if (options.trace === undefined) return ThreadTrace.disabled();
  if (!("root" in options.trace)) return options.trace;
  return ThreadTrace.startRoot({
    root: options.trace.root,
    schemaVersion: options.trace.schemaVersion,
    now: options.now,
    onWarning,
    metadata: {
      threadId,
      agentPath: "/root",
      sessionSource: options.sessionSource,
      cwd: options.cwd,
      model: options.model.slug,
      providerName: options.provider.id,
      approvalPolicy: options.approvalPolicy,
      sandboxPolicy: SANDBOX_POLICY_NAMES[options.sandboxMode],
    },
  });
}

const SANDBOX_POLICY_NAMES: Readonly<Record<SandboxMode, string>> = {
  "danger-full-access": "DangerFullAccess",
  "workspace-write": "WorkspaceWrite",
  "read-only": "ReadOnly",
};
