import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ServerItem, ServerTextPart } from "./server-item.ts";

/** Token counts in the spelling of the API. */
export interface ServerUsage {
  readonly input_tokens: number;
  readonly input_tokens_details?: {
    readonly cached_tokens: number;
    readonly cache_write_tokens?: number;
  } | null;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly reasoning_tokens: number } | null;
  readonly total_tokens: number;
}

/** The response object inside lifecycle events. A missing `id` or `model` is filled in when the event is sent. */
export interface ServerResponseObject {
  readonly id?: string;
  readonly object?: "response";
  /** Unix seconds. */
  readonly created_at?: number;
  readonly status?: "queued" | "in_progress" | "completed" | "failed" | "incomplete";
  readonly model?: string;
  readonly headers?: JsonObject;
  /** Filled in with the items sent so far when missing from a final event. */
  readonly output?: readonly ServerItem[];
  readonly usage?: ServerUsage | null;
  readonly end_turn?: boolean;
  readonly error?: {
    readonly code?: string;
    readonly type?: string;
    readonly message?: string;
    readonly plan_type?: string;
    /** Unix seconds. */
    readonly resets_at?: number;
  } | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly instructions?: string | null;
  readonly metadata?: JsonObject | null;
  readonly parallel_tool_calls?: boolean;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly tool_choice?: "auto";
  readonly tools?: readonly JsonValue[];
}

interface Sequenced {
  /** Filled in when the event is sent, from 0. */
  readonly sequence_number?: number;
}

interface ItemScoped extends Sequenced {
  /** Filled in when the event is sent: the number of items finished so far. */
  readonly output_index?: number;
}

interface ItemPartScoped extends ItemScoped {
  /** Filled in when the event is sent: the id of the item that was added last. */
  readonly item_id?: string;
}

interface LifecycleEvent extends Sequenced {
  readonly type:
    | "response.created"
    | "response.queued"
    | "response.in_progress"
    | "response.completed"
    | "response.failed"
    | "response.incomplete";
  readonly response: ServerResponseObject;
}

interface ItemEvent extends ItemScoped {
  readonly type: "response.output_item.added" | "response.output_item.done";
  readonly item: ServerItem;
}

interface ContentPartEvent extends ItemPartScoped {
  readonly type: "response.content_part.added" | "response.content_part.done";
  readonly content_index: number;
  readonly part: ServerTextPart | { readonly type: "reasoning_text"; readonly text: string };
}

interface TextDeltaEvent extends ItemPartScoped {
  readonly type: "response.output_text.delta";
  readonly content_index: number;
  readonly delta: string;
  readonly logprobs: readonly [];
}

interface TextDoneEvent extends ItemPartScoped {
  readonly type: "response.output_text.done";
  readonly content_index: number;
  readonly text: string;
  readonly logprobs: readonly [];
}

interface ToolInputDeltaEvent extends ItemPartScoped {
  readonly type: "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta";
  readonly call_id?: string;
  readonly delta: string;
}

interface FunctionArgumentsDoneEvent extends ItemPartScoped {
  readonly type: "response.function_call_arguments.done";
  readonly arguments: string;
}

interface CustomToolInputDoneEvent extends ItemPartScoped {
  readonly type: "response.custom_tool_call_input.done";
  readonly input: string;
}

interface ReasoningSummaryPartEvent extends ItemPartScoped {
  readonly type: "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done";
  readonly summary_index: number;
  readonly part: { readonly type: "summary_text"; readonly text: string };
}

interface ReasoningSummaryDeltaEvent extends ItemPartScoped {
  readonly type: "response.reasoning_summary_text.delta";
  readonly summary_index: number;
  readonly delta: string;
}

interface ReasoningSummaryDoneEvent extends ItemPartScoped {
  readonly type: "response.reasoning_summary_text.done";
  readonly summary_index: number;
  readonly text: string;
}

interface ReasoningTextDeltaEvent extends ItemPartScoped {
  readonly type: "response.reasoning_text.delta";
  readonly content_index: number;
  readonly delta: string;
}

interface MetadataEvent extends Sequenced {
  readonly type: "response.metadata";
  readonly metadata?: JsonValue;
  readonly headers?: JsonObject;
}

/** An error event: the WebSocket form that wraps a status, or the bare form of the SSE stream. */
interface ErrorEvent {
  readonly type: "error";
  readonly status?: number;
  readonly error?: JsonObject;
  readonly headers?: JsonObject;
  readonly code?: string | null;
  readonly message?: string;
  readonly param?: string | null;
  readonly sequence_number?: number;
}

interface RateLimitsEvent {
  readonly type: "codex.rate_limits";
  readonly plan_type?: string;
  readonly rate_limits?: JsonObject;
  readonly credits?: JsonObject;
  readonly metered_limit_name?: string;
  readonly limit_name?: string;
}

/**
 * The events of a response stream in their wire spelling, as far as the API documents them.
 *
 * Members that only number or name things (`sequence_number`, `output_index`, `item_id`, ids) may be left out: they are
 * filled in when the event is sent, so that the stream is valid. `rawEvent` sends an object untouched.
 */
export type ServerEvent =
  | LifecycleEvent
  | ItemEvent
  | ContentPartEvent
  | TextDeltaEvent
  | TextDoneEvent
  | ToolInputDeltaEvent
  | FunctionArgumentsDoneEvent
  | CustomToolInputDoneEvent
  | ReasoningSummaryPartEvent
  | ReasoningSummaryDeltaEvent
  | ReasoningSummaryDoneEvent
  | ReasoningTextDeltaEvent
  | MetadataEvent
  | ErrorEvent
  | RateLimitsEvent;
