import type { ConversationItem, ConversationItemKind } from "../../model/conversation.ts";
import type { InferenceCall } from "../../model/runtime.ts";
import type { Draft } from "../draft.ts";
import type { ThreadHistory } from "./thread-history.ts";

/** A conversation item with what the reducer needs to find and link it quickly. */
export interface Item {
  /** Order of creation over the whole trace, from 1. */
  readonly number: number;
  readonly record: Draft<ConversationItem>;
  readonly history: ThreadHistory;
  /** Serial number of the last list that marked this item as used; see `UsedItems`. */
  usedInList: number;
  /** Inference calls whose response holds this item. */
  responseCalls: Set<Draft<InferenceCall>> | undefined;
  /** A link became possible that the original makes at the item's next sighting. */
  hasPendingLinks: boolean;
  /** Its body was replaced: bytes that became this item once may not become it again. */
  hasNewBody: boolean;
}

export function isCallKind(kind: ConversationItemKind): boolean {
  return kind === "function_call" || kind === "custom_tool_call";
}

export function isOutputKind(kind: ConversationItemKind): boolean {
  return kind === "function_call_output" || kind === "custom_tool_call_output";
}
