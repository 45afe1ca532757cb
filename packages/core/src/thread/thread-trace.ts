import type { SessionConfiguredEvent } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import type { ThreadTraceMetadata } from "@codex-ts/rollout-trace/recorder";
import { combineListeners } from "../client/transport-listeners.ts";
import type { CombinedListeners, TransportListeners } from "../client/transport-listeners.ts";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { policyName } from "../policies.ts";
import type { SandboxMode } from "../policies.ts";

/** The first event of a thread: the settings it runs with. */
export function sessionConfigured(
  options: ResolvedOptions,
  threadId: string,
): SessionConfiguredEvent {
  return {
    type: "session_configured",
    session_id: options.sessionId ?? threadId,
    thread_id: threadId,
    ...(options.threadSource !== null && { thread_source: options.threadSource }),
    model: options.model.slug,
    model_provider_id: options.provider.id,
    approval_policy: options.approvalPolicy,
    approvals_reviewer: "user",
    permission_profile: {
      type: options.sandboxMode === "danger-full-access" ? "disabled" : "managed",
    },
    cwd: options.cwd,
  };
}

/**
 * The recording of a thread: the caller's, or one of its own; a disabled one when none is wanted or the disk does not
 * allow it.
 */
export function openTrace(
  options: ResolvedOptions,
  threadId: string,
  onWarning: (message: string) => void,
): ThreadTrace {
  if (options.trace === undefined) return ThreadTrace.disabled();
  if (!("root" in options.trace)) return options.trace;
  const { root, limits, schemaVersion, wireLog } = options.trace;
  let trace: ThreadTrace | undefined;
  trace = ThreadTrace.startRoot({
    root,
    schemaVersion: schemaVersion ?? compatibilityProfile(options.compatibility).traceSchemaVersion,
    limits,
    wireLog,
    program: { name: options.originator, version: options.clientVersion ?? "0.0.0" },
    now: options.now,
    // One value that was left out is no reason to do anything; a recording that has stopped is.
    onWarning: (message) => onWarning(trace?.isEnabled === true ? message : stopped(message, root)),
    metadata: threadMetadata(options, threadId, "/root"),
  });
  return trace;
}

/** Listeners for requests on the wire: the application, and the wire log of the trace. */
export function transportListeners(
  options: TransportListeners,
  { wire }: ThreadTrace,
): CombinedListeners {
  const recorder: TransportListeners = {
    observeTransport: (call) => wire.observerOf(call),
    onRetry: (retry) => wire.retryScheduled(retry),
    onTransportSwitched: (change) => wire.transportSwitched(change),
    onAuthRecovery: (recovery) => wire.authRecovered(recovery),
  };
  return combineListeners(wire.isEnabled ? [recorder, options] : [options]);
}

/** Facts of a thread for its recording. */
export function threadMetadata(
  options: ResolvedOptions,
  threadId: string,
  agentPath: string,
): ThreadTraceMetadata {
  return {
    threadId,
    agentPath,
    sessionSource: options.sessionSource,
    cwd: options.cwd,
    model: options.model.slug,
    providerName: options.provider.id,
    approvalPolicy: policyName(options.approvalPolicy),
    sandboxPolicy: SANDBOX_POLICY_NAMES[options.sandboxMode],
  };
}

/** The words of the recorder, and what its user can do about it. */
function stopped(message: string, root: string): string {
  return `${message}; the thread goes on without it: make ${root} writable with room on its disk, or record elsewhere`;
}

const SANDBOX_POLICY_NAMES: Readonly<Record<SandboxMode, string>> = {
  "danger-full-access": "DangerFullAccess",
  "workspace-write": "WorkspaceWrite",
  "read-only": "ReadOnly",
};
