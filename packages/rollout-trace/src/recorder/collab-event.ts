import type { AgentStatus, JsonObject } from "@codex-ts/protocol";

interface CollabToolFacts extends JsonObject {
  readonly call_id: string;
  readonly sender_thread_id: string;
}

interface SpawnFacts extends CollabToolFacts {
  readonly prompt: string;
  readonly model: string;
  readonly reasoning_effort: string;
}

interface ReceiverFacts extends CollabToolFacts {
  readonly receiver_thread_id: string;
}

/** The begin/end pairs of multi-agent tools, in wire spelling. All thread ids are UUIDs. */
export type CollabToolEvent =
  | (SpawnFacts & { readonly type: "collab_agent_spawn_begin"; readonly started_at_ms: number })
  | (SpawnFacts & {
      readonly type: "collab_agent_spawn_end";
      readonly completed_at_ms: number;
      /** None when no thread could be spawned. */
      readonly new_thread_id: string | null;
      readonly status: AgentStatus;
    })
  | (ReceiverFacts & {
      readonly type: "collab_agent_interaction_begin";
      readonly started_at_ms: number;
      readonly prompt: string;
    })
  | (ReceiverFacts & {
      readonly type: "collab_agent_interaction_end";
      readonly completed_at_ms: number;
      readonly prompt: string;
      readonly status: AgentStatus;
    })
  | (CollabToolFacts & {
      readonly type: "collab_waiting_begin";
      readonly started_at_ms: number;
      readonly receiver_thread_ids: readonly string[];
    })
  | (CollabToolFacts & {
      readonly type: "collab_waiting_end";
      readonly completed_at_ms: number;
      readonly statuses: Readonly<Record<string, AgentStatus>>;
    })
  | (ReceiverFacts & { readonly type: "collab_close_begin"; readonly started_at_ms: number })
  | (ReceiverFacts & {
      readonly type: "collab_close_end";
      readonly completed_at_ms: number;
      readonly status: AgentStatus;
    });
