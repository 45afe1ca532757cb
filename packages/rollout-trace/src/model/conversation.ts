/** Author of an item as the Responses API has it; `tool` for outputs. */
export type ConversationRole = "system" | "developer" | "user" | "assistant" | "tool";

/** Purpose of an item of the assistant, as far as it is known. */
export type ConversationChannel = "analysis" | "commentary" | "final" | "summary";

/** Kinds of items; several types of the Responses API share one. */
export type ConversationItemKind =
  | "message"
  | "reasoning"
  | "function_call"
  | "function_call_output"
  | "custom_tool_call"
  | "custom_tool_call_output"
  | "compaction_marker";

/** One piece of an item's body. Bodies too large or foreign for the state point to the payload that holds them. */
export type ConversationPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "summary"; readonly text: string }
  | { readonly type: "encoded"; readonly label: string; readonly value: string }
  | {
      readonly type: "json";
      /** Compact JSON with the keys in the order of the payload, cut after 240 bytes of UTF-8 (then `...` follows). */
      readonly summary: string;
      readonly raw_payload_id: string;
    }
  | { readonly type: "code"; readonly language: string; readonly source: string }
  | {
      readonly type: "payload_ref";
      readonly label: string;
      readonly raw_payload_id: string;
      /** Schema 2: lower-case hex SHA-256 of the element's compact JSON with sorted keys. */
      readonly content_sha256?: string;
    };

/** Who caused an item to exist. */
export type ConversationProducer =
  | { readonly type: "inference"; readonly inference_call_id: string }
  | { readonly type: "tool"; readonly tool_call_id: string }
  | { readonly type: "code_cell"; readonly code_cell_id: string }
  | { readonly type: "compaction"; readonly compaction_id: string };

/** Sender and receiver of a message between agents, as agent paths. */
export interface AgentMessageAddress {
  readonly author: string;
  readonly recipient: string;
}

/** One entry of a thread's model-visible history. */
export interface ConversationItem {
  /** `conversation_item:<n>`, counted over the whole trace in order of creation. */
  readonly item_id: string;
  /** Schema 2: the item's id in the Responses API. */
  readonly responses_item_id?: string;
  /** Schema 2: when the item first entered live history. */
  readonly accepted_at_unix_ms?: number;
  readonly accepted_seq?: number;
  readonly thread_id: string;
  readonly codex_turn_id: string | null;
  readonly first_seen_at_unix_ms: number;
  readonly role: ConversationRole;
  readonly channel: ConversationChannel | null;
  readonly kind: ConversationItemKind;
  readonly agent_message?: AgentMessageAddress;
  readonly body: { readonly parts: readonly ConversationPart[] };
  readonly call_id: string | null;
  readonly produced_by: readonly ConversationProducer[];
}
