import type { CellStatus, ToolCallKind, ToolCallSummary } from "../format/raw-event.ts";
import type { ExecutionWindow } from "./session.ts";

/** Token counters of one response. */
export interface TokenUsageCounters {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  /** Schema 2 only. */
  readonly cache_write_input_tokens?: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
}

/** One request to the model and what came back. */
export interface InferenceCall {
  readonly inference_call_id: string;
  readonly thread_id: string;
  readonly codex_turn_id: string;
  readonly execution: ExecutionWindow;
  readonly model: string;
  readonly provider_name: string;
  /** The Responses API's `response.id`; links conversations. Never the transport's id. */
  readonly response_id: string | null;
  /** The transport's `x-request-id`; for looking the request up in upstream logs. Never links anything. */
  readonly upstream_request_id: string | null;
  readonly request_item_ids: readonly string[];
  readonly response_item_ids: readonly string[];
  readonly tool_call_ids_started_by_response: readonly string[];
  readonly usage: TokenUsageCounters | null;
  readonly raw_request_payload_id: string;
  /** Schema 3 only: what the client made the request from. */
  readonly prepared_prompt_payload_id?: string;
  readonly raw_response_payload_id: string | null;
}

/** One run of model-written JavaScript (code mode). */
export interface CodeCell {
  /** `code_cell:<model-visible call id>`. */
  readonly code_cell_id: string;
  readonly model_visible_call_id: string;
  readonly thread_id: string;
  readonly codex_turn_id: string;
  readonly source_item_id: string;
  readonly output_item_ids: readonly string[];
  readonly runtime_cell_id: string | null;
  readonly execution: ExecutionWindow;
  readonly runtime_status: CellStatus;
  readonly initial_response_at_unix_ms: number | null;
  readonly initial_response_seq: number | null;
  /** Schema 2 only, like the two payload ids. */
  readonly initial_response_status?: CellStatus | null;
  readonly raw_initial_response_payload_id?: string | null;
  readonly raw_result_payload_id?: string | null;
  readonly yielded_at_unix_ms: number | null;
  readonly yielded_seq: number | null;
  readonly source_js: string;
  readonly nested_tool_call_ids: readonly string[];
  readonly wait_tool_call_ids: readonly string[];
}

/** Who asked for a tool call: the model, or a code cell. */
export type ToolCallRequester =
  | { readonly type: "model" }
  | { readonly type: "code_cell"; readonly code_cell_id: string };

/** One tool call, from its dispatch to its result. */
export interface ToolCall {
  readonly tool_call_id: string;
  readonly mcp_call_id: string | null;
  readonly model_visible_call_id: string | null;
  readonly code_mode_runtime_tool_id: string | null;
  /** Schema 2: the code cell this `exec` call started. */
  readonly started_code_cell_id?: string;
  /** Schema 3: the runtime cell this `wait` call waited for. */
  readonly resolved_wait_runtime_cell_id?: string;
  readonly thread_id: string;
  readonly started_by_codex_turn_id: string | null;
  readonly execution: ExecutionWindow;
  readonly requester: ToolCallRequester;
  readonly kind: ToolCallKind;
  readonly model_visible_call_item_ids: readonly string[];
  readonly model_visible_output_item_ids: readonly string[];
  readonly terminal_operation_id: string | null;
  readonly summary: ToolCallSummary;
  readonly raw_invocation_payload_id: string | null;
  readonly raw_result_payload_id: string | null;
  readonly raw_runtime_payload_ids: readonly string[];
}

/** A process that outlives the call that started it. It never ends in the trace: its status stays `running`. */
export interface TerminalSession {
  /** Schema 1: the process id. Schema 2: `terminal_session:<operation id>`. */
  readonly terminal_id: string;
  readonly thread_id: string;
  readonly created_by_operation_id: string;
  readonly operation_ids: readonly string[];
  readonly execution: ExecutionWindow;
}

/** The input of a terminal operation: a command, or text for its standard input. */
export type TerminalRequest =
  | {
      readonly type: "exec_command";
      readonly command: readonly string[];
      readonly display_command: string;
      readonly cwd: string;
      readonly yield_time_ms: number | null;
      readonly max_output_tokens: number | null;
    }
  | {
      readonly type: "write_stdin";
      readonly stdin: string;
      readonly yield_time_ms: number | null;
      readonly max_output_tokens: number | null;
    };

/** Result of a terminal operation; members that the recording does not have are `null`. */
export interface TerminalResult {
  readonly exit_code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly formatted_output: string | null;
  readonly original_token_count: number | null;
  readonly chunk_id: string | null;
}

/** The items through which the model saw an operation. */
export interface TerminalObservation {
  readonly call_item_ids: readonly string[];
  readonly output_item_ids: readonly string[];
  readonly source: "direct_tool_call" | "code_cell_output";
}

/** One command started, or one write to a running one. */
export interface TerminalOperation {
  /** `terminal_operation:<n>`, counted over the whole trace. */
  readonly operation_id: string;
  readonly terminal_id: string | null;
  readonly tool_call_id: string;
  readonly kind: "exec_command" | "write_stdin";
  readonly execution: ExecutionWindow;
  readonly request: TerminalRequest;
  readonly result: TerminalResult | null;
  readonly model_observations: readonly TerminalObservation[];
  readonly raw_payload_ids: readonly string[];
}

/** One replacement of a thread's history by a shorter one. */
export interface Compaction {
  readonly compaction_id: string;
  readonly thread_id: string;
  readonly codex_turn_id: string;
  readonly installed_at_unix_ms: number;
  readonly marker_item_id: string;
  readonly request_ids: readonly string[];
  readonly input_item_ids: readonly string[];
  readonly replacement_item_ids: readonly string[];
}

/** One upstream request made for a compaction. */
export interface CompactionRequest {
  readonly compaction_request_id: string;
  readonly compaction_id: string;
  readonly thread_id: string;
  readonly codex_turn_id: string;
  readonly execution: ExecutionWindow;
  readonly model: string;
  readonly provider_name: string;
  readonly raw_request_payload_id: string;
  readonly raw_response_payload_id: string | null;
}

/** Kinds of interactions between agents. */
export type InteractionKind =
  | "spawn_agent"
  | "assign_agent_task"
  | "send_message"
  | "agent_result"
  | "close_agent";

/** One end of an interaction. */
export type InteractionAnchor =
  | { readonly type: "conversation_item"; readonly item_id: string }
  | { readonly type: "tool_call"; readonly tool_call_id: string }
  | { readonly type: "thread"; readonly thread_id: string };

/** Something one agent did to another. */
export interface InteractionEdge {
  readonly edge_id: string;
  readonly kind: InteractionKind;
  readonly source: InteractionAnchor;
  readonly target: InteractionAnchor;
  readonly started_at_unix_ms: number;
  readonly ended_at_unix_ms: number | null;
  readonly carried_item_ids: readonly string[];
  readonly carried_raw_payload_ids: readonly string[];
}
