import type {
  AgentMessageContent,
  ContentItem,
  FunctionCallOutput,
  MessagePhase,
  ReasoningContentPart,
  ReasoningSummaryPart,
} from "./content-item.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * One item of a conversation with the Responses API, in its wire spelling.
 *
 * An item read from a server is the object the server sent, unknown members included; `toWireItem` writes the members
 * that go back into a request. `id` is kept in memory on every item and left out of requests unless asked for.
 */
export type ResponseItem =
  | MessageItem
  | AgentMessageItem
  | ReasoningItem
  | LocalShellCallItem
  | FunctionCallItem
  | ToolSearchCallItem
  | FunctionCallOutputItem
  | CustomToolCallItem
  | CustomToolCallOutputItem
  | ToolSearchOutputItem
  | WebSearchCallItem
  | ImageGenerationCallItem
  | CompactionItem
  | CompactionTriggerItem
  | ContextCompactionItem
  | OtherItem;

export interface MessageItem {
  readonly type: "message";
  readonly id?: string;
  /** `user`, `assistant`, `developer`, `system`, or any other text. */
  readonly role: string;
  readonly content: readonly ContentItem[];
  readonly phase?: MessagePhase;
}

export interface AgentMessageItem {
  readonly type: "agent_message";
  readonly id?: string;
  readonly author: string;
  readonly recipient: string;
  readonly content: readonly AgentMessageContent[];
}

export interface ReasoningItem {
  readonly type: "reasoning";
  readonly id?: string;
  readonly summary: readonly ReasoningSummaryPart[];
  readonly content?: readonly ReasoningContentPart[] | null;
  readonly encrypted_content?: string | null;
}

export interface LocalShellCallItem {
  readonly type: "local_shell_call";
  readonly id?: string;
  readonly call_id?: string | null;
  readonly status: "completed" | "in_progress" | "incomplete";
  readonly action: {
    readonly type: "exec";
    readonly command: readonly string[];
    readonly timeout_ms?: number | null;
    readonly working_directory?: string | null;
    readonly env?: Readonly<Record<string, string>> | null;
    readonly user?: string | null;
  };
}

export interface FunctionCallItem {
  readonly type: "function_call";
  readonly id?: string;
  readonly name: string;
  readonly namespace?: string;
  /** JSON text as the model wrote it; never parsed here. */
  readonly arguments: string;
  readonly call_id: string;
}

export interface ToolSearchCallItem {
  readonly type: "tool_search_call";
  readonly id?: string;
  readonly call_id?: string | null;
  readonly status?: string;
  readonly execution: string;
  readonly arguments: JsonValue;
}

export interface FunctionCallOutputItem {
  readonly type: "function_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly output: FunctionCallOutput;
}

export interface CustomToolCallItem {
  readonly type: "custom_tool_call";
  readonly id?: string;
  readonly status?: string;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly input: string;
}

export interface CustomToolCallOutputItem {
  readonly type: "custom_tool_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly name?: string;
  readonly output: FunctionCallOutput;
}

export interface ToolSearchOutputItem {
  readonly type: "tool_search_output";
  readonly id?: string;
  readonly call_id?: string | null;
  readonly status: string;
  readonly execution: string;
  readonly tools: readonly JsonValue[];
}

export type WebSearchAction =
  | { readonly type: "search"; readonly query?: string; readonly queries?: readonly string[] }
  | { readonly type: "open_page"; readonly url?: string }
  | { readonly type: "find_in_page"; readonly url?: string; readonly pattern?: string }
  | { readonly type: "other" };

export interface WebSearchCallItem {
  readonly type: "web_search_call";
  readonly id?: string;
  readonly status?: string;
  readonly action?: WebSearchAction;
}

export interface ImageGenerationCallItem {
  readonly type: "image_generation_call";
  readonly id?: string;
  readonly status: string;
  readonly revised_prompt?: string;
  /** Base64 of the image. */
  readonly result: string;
}

export interface CompactionItem {
  readonly type: "compaction";
  readonly id?: string;
  readonly encrypted_content: string;
}

export interface CompactionTriggerItem {
  readonly type: "compaction_trigger";
}

export interface ContextCompactionItem {
  readonly type: "context_compaction";
  readonly id?: string;
  readonly encrypted_content?: string;
}

/** An item of a type this package does not know. Reaches the consumer, never the next request. */
export interface OtherItem {
  readonly type: "other";
  /** The object as received, with its own `type`. */
  readonly raw: JsonObject;
}
