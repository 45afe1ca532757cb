import type { SessionSource } from "@codex-ts/protocol";
import type { SchemaRules } from "../schema/schema-rules.ts";

/** Facts of a thread, fixed when it starts. */
export interface ThreadTraceMetadata {
  readonly threadId: string;
  /** `/root` for roots, `/root/<task>…` for spawned threads. */
  readonly agentPath: string;
  /** Last segment of the path, for spawned threads. */
  readonly taskName?: string | null | undefined;
  readonly nickname?: string | null | undefined;
  readonly agentRole?: string | null | undefined;
  readonly sessionSource: SessionSource;
  /** Absolute path of the working directory. */
  readonly cwd: string;
  /** Path of the session file; none for an ephemeral session. */
  readonly rolloutPath?: string | null | undefined;
  readonly model: string;
  readonly providerName: string;
  readonly approvalPolicy: string;
  readonly sandboxPolicy: string;
}

/** Body of a `session_metadata` payload. */
export function toWireMetadata(metadata: ThreadTraceMetadata, { log }: SchemaRules): object {
  return {
    thread_id: metadata.threadId,
    agent_path: metadata.agentPath,
    task_name: metadata.taskName ?? null,
    nickname: metadata.nickname ?? null,
    agent_role: metadata.agentRole ?? null,
    session_source: metadata.sessionSource,
    cwd: metadata.cwd,
    rollout_path: metadata.rolloutPath ?? null,
    model: metadata.model,
    provider_name: metadata.providerName,
    approval_policy: metadata.approvalPolicy,
    [log.policyMember]: metadata.sandboxPolicy,
  };
}
