import type { PayloadReference } from "../format/payload.ts";
import type { ConversationItem } from "./conversation.ts";
import type {
  CodeCell,
  Compaction,
  CompactionRequest,
  InferenceCall,
  InteractionEdge,
  TerminalOperation,
  TerminalSession,
  ToolCall,
} from "./runtime.ts";
import type { AgentThread, CodexTurn, RolloutHeader } from "./session.ts";

type ById<T> = { readonly [id: string]: T };

/**
 * The meaning of a bundle: the content of `state.json`, member by member as Codex's own reducer writes it. Each map is
 * keyed by id, sorted by the UTF-8 bytes of the id. Source: docs/behavior/rollout-trace.md 6.
 */
export interface ReducedTrace extends RolloutHeader {
  readonly threads: ById<AgentThread>;
  readonly codex_turns: ById<CodexTurn>;
  readonly conversation_items: ById<ConversationItem>;
  readonly inference_calls: ById<InferenceCall>;
  readonly code_cells: ById<CodeCell>;
  readonly tool_calls: ById<ToolCall>;
  readonly terminal_sessions: ById<TerminalSession>;
  readonly terminal_operations: ById<TerminalOperation>;
  readonly compactions: ById<Compaction>;
  readonly compaction_requests: ById<CompactionRequest>;
  readonly interaction_edges: ById<InteractionEdge>;
  readonly raw_payloads: ById<PayloadReference>;
}
