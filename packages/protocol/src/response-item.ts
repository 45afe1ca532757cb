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
  | AdditionalToolsItem
  | OtherItem;

/** A message of a system, developer, user or assistant. */
export interface MessageItem {
  readonly type: "message";
  readonly id?: string;
  /** `user`, `assistant`, `developer`, `system`, or any other text. */
  readonly role: string;
  readonly content: readonly ContentItem[];
  readonly phase?: MessagePhase;
}

/** A message from one agent to another. */
export interface AgentMessageItem {
  readonly type: "agent_message";
  readonly id?: string;
  readonly author: string;
  readonly recipient: string;
  readonly content: readonly AgentMessageContent[];
}

/** The model's reasoning: summary, readable content where the server sends it, and an encrypted form to send back. */
export interface ReasoningItem {
  readonly type: "reasoning";
  readonly id?: string;
  readonly summary: readonly ReasoningSummaryPart[];
  readonly content?: readonly ReasoningContentPart[] | null;
  readonly encrypted_content?: string | null;
}

/** A call of the hosted shell tool. */
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

/** A call of a function tool; `arguments` is JSON text and is not parsed here. */
export interface FunctionCallItem {
  readonly type: "function_call";
  readonly id?: string;
  readonly name: string;
  readonly namespace?: string;
  /** JSON text as the model wrote it; never parsed here. */
  readonly arguments: string;
  readonly call_id: string;
}

/** The model searches for tools. */
export interface ToolSearchCallItem {
  readonly type: "tool_search_call";
  readonly id?: string;
  readonly call_id?: string | null;
  readonly status?: string;
  readonly execution: string;
  readonly arguments: JsonValue;
}

/** Output of a function call. */
export interface FunctionCallOutputItem {
  readonly type: "function_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly output: FunctionCallOutput;
}

/** A call of a custom tool, whose input is free text. */
export interface CustomToolCallItem {
  readonly type: "custom_tool_call";
  readonly id?: string;
  readonly status?: string;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly input: string;
}

/** Output of a custom tool call. */
export interface CustomToolCallOutputItem {
  readonly type: "custom_tool_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly name?: string;
  readonly output: FunctionCallOutput;
}

/** The tools a search found. */
export interface ToolSearchOutputItem {
  readonly type: "tool_search_output";
  readonly id?: string;
  readonly call_id?: string | null;
  readonly status: string;
  readonly execution: string;
  readonly tools: readonly JsonValue[];
}

/** The action of a web search; `other` for one that is not known. */
export type WebSearchAction =
  | { readonly type: "search"; readonly query?: string; readonly queries?: readonly string[] }
  | { readonly type: "open_page"; readonly url?: string }
  | { readonly type: "find_in_page"; readonly url?: string; readonly pattern?: string }
  | { readonly type: "other" };

/** A web search the server made. */
export interface WebSearchCallItem {
  readonly type: "web_search_call";
  readonly id?: string;
  readonly status?: string;
  readonly action?: WebSearchAction;
}

/** An image the server generated; `result` is base64. */
export interface ImageGenerationCallItem {
  readonly type: "image_generation_call";
  readonly id?: string;
  readonly status: string;
  readonly revised_prompt?: string;
  /** Base64 of the image. */
  readonly result: string;
}

/** A compacted history, encrypted. */
export interface CompactionItem {
  readonly type: "compaction";
  readonly id?: string;
  readonly encrypted_content: string;
}

/** Asks the server to compact the history before it. */
export interface CompactionTriggerItem {
  readonly type: "compaction_trigger";
}

/** A compaction the server made by itself. */
export interface ContextCompactionItem {
  readonly type: "context_compaction";
  readonly id?: string;
  readonly encrypted_content?: string;
}

/** Tools a model is offered by an item of its input, in the place of the member `tools`. Since 0.169. */
export interface AdditionalToolsItem {
  readonly type: "additional_tools";
  readonly id?: string;
  /** `developer`. */
  readonly role: string;
  /** Definitions of tools, as a rule in namespaces. */
  readonly tools: readonly JsonValue[];
}

/** An item of a type this package does not know. Reaches the consumer, never the next request. */
export interface OtherItem {
  readonly type: "other";
  /** The object as received, with its own `type`. */
  readonly raw: JsonObject;
}
