import type { ExecutionStatus, RolloutStatus, TraceSchemaVersion } from "../format/raw-event.ts";

/** When something ran and how it ended. Times are Unix milliseconds; `*_seq` is the number of the event that said so. */
export interface ExecutionWindow {
  readonly started_at_unix_ms: number;
  readonly started_seq: number;
  /** `null` while running; no end is ever invented. */
  readonly ended_at_unix_ms: number | null;
  readonly ended_seq: number | null;
  readonly status: ExecutionStatus;
}

/** Where a thread comes from. */
export type AgentOrigin =
  | { readonly type: "root" }
  /** Schema 3: what would say it was not recorded. */
  | { readonly type: "unknown" }
  | {
      readonly type: "spawned";
      /** The thread that spawned it; it need not be part of this trace. */
      readonly parent_thread_id: string;
      /** Id of the edge that will join the two, whether or not it was observed. */
      readonly spawn_edge_id: string;
      readonly task_name: string;
      /** `""` when none was recorded. */
      readonly agent_role: string;
    };

/** One agent's conversation. */
export interface AgentThread {
  readonly thread_id: string;
  readonly agent_path: string;
  readonly nickname: string | null;
  readonly origin: AgentOrigin;
  readonly execution: ExecutionWindow;
  readonly default_model: string | null;
  /** The thread's history: schema 1 in order of appearance, schema 2 (accepted items only) in order of creation. */
  readonly conversation_item_ids: readonly string[];
}

/** One turn of a thread: from user input to the agent's last word. */
export interface CodexTurn {
  readonly codex_turn_id: string;
  readonly thread_id: string;
  readonly execution: ExecutionWindow;
  /** Always empty; the member exists in the format. */
  readonly input_item_ids: readonly string[];
}

/**
 * How whole a recording is. `unclosed`: the recorder did not close the log, or not yet. `closed_with_partial_payloads`:
 * it did, but some payloads were cut or left out because of the recording's limits.
 */
export type RecordingStatus = "complete" | "unclosed" | "closed_with_partial_payloads";

/** The facts of the whole recording, without its maps. */
export interface RolloutHeader {
  readonly schema_version: TraceSchemaVersion;
  readonly trace_id: string;
  readonly rollout_id: string;
  readonly started_at_unix_ms: number;
  readonly ended_at_unix_ms: number | null;
  readonly status: RolloutStatus;
  /** Schema 2 only: whether the recorder closed the log in order. */
  readonly recording_complete?: boolean;
  /** Schema 3 only. */
  readonly recording_status?: RecordingStatus;
  readonly root_thread_id: string;
}
