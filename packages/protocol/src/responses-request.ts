import type { JsonObject, JsonValue } from "./json.ts";
import type { ResponseItem } from "./response-item.ts";

/**
 * Body of `POST /responses`. Members are declared in the order they are written (0.140).
 *
 * `input` holds items in wire form already (see `toWireItem`).
 */
export interface ResponsesRequest {
  readonly model: string;
  /** Left out when empty. */
  readonly instructions?: string;
  readonly input: readonly (ResponseItem | JsonObject)[];
  /** Absent where items of the input offer the tools: responses-lite models of 0.169 and later. */
  readonly tools?: readonly JsonValue[];
  readonly tool_choice: "auto";
  readonly parallel_tool_calls: boolean;
  /** `null`, never absent, when the model does not support reasoning summaries. */
  readonly reasoning: ReasoningRequest | null;
  /** True for Azure endpoints only. */
  readonly store: boolean;
  readonly stream: true;
  readonly include: readonly string[];
  readonly service_tier?: string;
  readonly prompt_cache_key?: string;
  readonly text?: TextRequest;
  /** Flat projection of the metadata snapshot. */
  readonly client_metadata?: Readonly<Record<string, string>>;
  /** Access programs the client asks for; 0.171, and only where a turn asks. */
  readonly access_programs?: { readonly cyber: string };
}

/** The member `reasoning` of a request; what is not set is left out. */
export interface ReasoningRequest {
  readonly effort?: string;
  readonly summary?: "auto" | "concise" | "detailed";
  readonly context?: "auto" | "current_turn" | "all_turns";
}

/** The member `text` of a request: how detailed, and in which form. */
export interface TextRequest {
  readonly verbosity?: "low" | "medium" | "high";
  readonly format?: {
    readonly type: "json_schema";
    readonly strict: boolean;
    readonly schema: JsonValue;
    readonly name: "codex_output_schema";
  };
}

/** One `response.create` frame of the WebSocket transport: a request with three members more. */
export interface ResponseCreateFrame extends ResponsesRequest {
  readonly type: "response.create";
  readonly previous_response_id?: string;
  /** `false` warms the connection up: the server responds without generating. */
  readonly generate?: false;
}
