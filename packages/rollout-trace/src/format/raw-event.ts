import type { JsonValue } from "@codex-ts/protocol";
import type { PayloadReference } from "./payload.ts";

/** Bundle format generation: 1 is what Codex 0.132 and 0.140 write, 2 what 0.169 writes, 3 what 0.171 writes. */
export type TraceSchemaVersion = 1 | 2 | 3;

/** State of a whole rollout or thread. */
export type RolloutStatus = "running" | "completed" | "failed" | "aborted";

/** State of one unit of work inside a rollout: a turn, an inference, a tool call. */
export type ExecutionStatus = "running" | "completed" | "failed" | "cancelled" | "aborted";

/** State of a code-mode cell. */
export type CellStatus = "starting" | "running" | "yielded" | "completed" | "failed" | "terminated";

/** Who asked for a tool call. */
export type RawRequester =
  | { readonly type: "model" }
  | { readonly type: "code_cell"; readonly runtime_cell_id: string };

/** Kind of the tool a call is for; `other` names one without a kind of its own. */
export type ToolCallKind =
  | {
      readonly type:
        | "exec_command"
        | "write_stdin"
        | "apply_patch"
        | "web"
        | "image_generation"
        | "spawn_agent"
        | "assign_agent_task"
        | "send_message"
        | "wait_agent"
        | "close_agent";
    }
  | { readonly type: "mcp"; readonly server: string; readonly tool: string }
  | { readonly type: "other"; readonly name: string };

/** Short form of a tool call for lists. */
export type ToolCallSummary =
  | { readonly type: "terminal"; readonly operation_id: string }
  | {
      readonly type: "agent";
      readonly target_agent_path: string;
      readonly task_name?: string | null;
      readonly message_preview: string;
    }
  | {
      readonly type: "wait_agent";
      readonly target_agent_path?: string | null;
      readonly timeout_ms?: number | null;
    }
  | {
      readonly type: "generic";
      readonly label: string;
      readonly input_preview?: string | null;
      readonly output_preview?: string | null;
    };

/** One line of `trace.jsonl`, in the order its members are written. */
export interface RawTraceEvent {
  readonly schema_version: number;
  /** 1, 2, 3… without gaps per writer. */
  readonly seq: number;
  readonly wall_time_unix_ms: number;
  readonly rollout_id: string;
  readonly thread_id: string | null;
  readonly codex_turn_id: string | null;
  readonly payload: RawTraceEventPayload;
}

/**
 * All schemas together; what came with a later one, and stayed, is marked with it.
 * Source: docs/behavior/rollout-trace.md 3.
 */
export type RawTraceEventPayload =
  | {
      readonly type: "rollout_started";
      readonly trace_id: string;
      readonly root_thread_id: string;
    }
  | { readonly type: "rollout_ended"; readonly status: RolloutStatus }
  | { /** Schema 2; always the last event. */ readonly type: "recording_completed" }
  | {
      readonly type: "thread_started";
      readonly thread_id: string;
      readonly agent_path: string;
      readonly metadata_payload: PayloadReference | null;
    }
  | {
      readonly type: "thread_ended";
      readonly thread_id: string;
      readonly status: RolloutStatus;
    }
  | { /** Schema 2. */ readonly type: "thread_resumed"; readonly thread_id: string }
  | {
      readonly type: "codex_turn_started";
      readonly codex_turn_id: string;
      readonly thread_id: string;
    }
  | {
      readonly type: "codex_turn_ended";
      readonly codex_turn_id: string;
      readonly status: ExecutionStatus;
    }
  | {
      /** Schema 2. */
      readonly type: "history_item_accepted";
      readonly item_id: string;
      readonly agent_message_payload?: PayloadReference | null;
      /** Schema 3: the output of a tool that ran. */
      readonly tool_output_payload?: PayloadReference | null;
    }
  | {
      readonly type: "inference_started";
      readonly inference_call_id: string;
      readonly thread_id: string;
      readonly codex_turn_id: string;
      readonly model: string;
      readonly provider_name: string;
      readonly request_payload: PayloadReference;
      /** Schema 3, required there: what the client made the request from. */
      readonly prepared_prompt_payload?: PayloadReference;
      /** Schema 3: the full input of a request that continues a warm-up. */
      readonly warmup_context_payload?: PayloadReference | null;
      /** Schema 3: ids that outputs of the input have, but were sent without. */
      readonly stripped_tool_output_ids?: readonly StrippedOutputId[] | null;
    }
  | {
      readonly type: "inference_completed";
      readonly inference_call_id: string;
      /** The Responses API's `response.id`. */
      readonly response_id: string | null;
      /** `x-request-id` of the HTTP response. */
      readonly upstream_request_id: string | null;
      readonly response_payload: PayloadReference;
    }
  | {
      readonly type: "inference_failed";
      readonly inference_call_id: string;
      readonly upstream_request_id: string | null;
      readonly error: string;
      readonly partial_response_payload: PayloadReference | null;
    }
  | {
      readonly type: "inference_cancelled";
      readonly inference_call_id: string;
      readonly upstream_request_id: string | null;
      readonly reason: string;
      readonly partial_response_payload: PayloadReference | null;
    }
  | {
      readonly type: "tool_call_started";
      readonly tool_call_id: string;
      readonly model_visible_call_id: string | null;
      readonly code_mode_runtime_tool_id: string | null;
      readonly requester: RawRequester;
      readonly kind: ToolCallKind;
      readonly summary: ToolCallSummary;
      readonly invocation_payload: PayloadReference | null;
    }
  | {
      readonly type: "mcp_tool_call_correlation_assigned";
      readonly tool_call_id: string;
      readonly mcp_call_id: string;
    }
  | {
      /** Schema 2. */
      readonly type: "stdin_target_resolved";
      readonly tool_call_id: string;
      readonly exec_tool_call_id: string;
    }
  | {
      readonly type: "tool_call_runtime_started";
      readonly tool_call_id: string;
      /** Schema 2, required there. */
      readonly kind?: ToolCallKind;
      readonly runtime_payload: PayloadReference;
    }
  | {
      readonly type: "tool_call_runtime_ended";
      readonly tool_call_id: string;
      readonly status: ExecutionStatus;
      readonly runtime_payload: PayloadReference;
    }
  | {
      readonly type: "tool_call_ended";
      readonly tool_call_id: string;
      readonly status: ExecutionStatus;
      readonly result_payload: PayloadReference | null;
    }
  | {
      readonly type: "code_cell_started";
      readonly runtime_cell_id: string;
      readonly model_visible_call_id: string;
      readonly source_js: string;
    }
  | {
      readonly type: "code_cell_initial_response" | "code_cell_ended";
      readonly runtime_cell_id: string;
      readonly status: CellStatus;
      readonly response_payload: PayloadReference | null;
    }
  | {
      /** Schema 3: a `wait` found its cell. */
      readonly type: "code_cell_wait_target_resolved";
      readonly tool_call_id: string;
      readonly runtime_cell_id: string;
    }
  | {
      readonly type: "compaction_request_started";
      readonly compaction_id: string;
      readonly compaction_request_id: string;
      readonly thread_id: string;
      readonly codex_turn_id: string;
      readonly model: string;
      readonly provider_name: string;
      readonly request_payload: PayloadReference;
    }
  | {
      readonly type: "compaction_request_completed";
      readonly compaction_id: string;
      readonly compaction_request_id: string;
      readonly response_payload: PayloadReference;
    }
  | {
      readonly type: "compaction_request_failed";
      readonly compaction_id: string;
      readonly compaction_request_id: string;
      readonly error: string;
    }
  | {
      readonly type: "compaction_installed";
      readonly compaction_id: string;
      readonly checkpoint_payload: PayloadReference;
    }
  | {
      readonly type: "agent_result_observed";
      readonly edge_id: string;
      readonly child_thread_id: string;
      readonly child_codex_turn_id: string;
      readonly parent_thread_id: string;
      readonly message: string;
      readonly carried_payload: PayloadReference | null;
    }
  | {
      readonly type: "protocol_event_observed";
      readonly event_type: string;
      readonly event_payload: PayloadReference;
    }
  | {
      /** Can be parsed, can not be reduced. */
      readonly type: "other";
      readonly kind: string;
      readonly summary: string;
      readonly payloads: readonly PayloadReference[];
      readonly metadata: JsonValue;
    };

/** Position in the input of a request, and the id of the item there. */
export type StrippedOutputId = readonly [index: number, itemId: string];

/** The body of one event type. */
export type EventPayload<Type extends RawTraceEventPayload["type"]> = Extract<
  RawTraceEventPayload,
  { readonly type: Type }
>;
