import type {
  ConversationItem,
  ConversationItemKind,
  ConversationProducer,
} from "../../model/conversation.ts";
import type { InferenceCall } from "../../model/runtime.ts";
import type { Draft } from "../draft.ts";

/** A conversation item with what the reducer needs to find and link it quickly. */
export interface Item {
  /** Order of creation over the whole trace, from 1. */
  readonly number: number;
  readonly record: Draft<ConversationItem>;
  /** Where it stands among the items of its thread: its number, or just before the number of another, see `place.ts`. */
  place: number;
  /** The items of its thread. */
  readonly siblings: ThreadItems;
  /** Serial number of the last list that marked this item as used; see `UsedItems`. */
  usedInList: number;
  /** Inference calls whose response holds this item. */
  responseCalls: Set<Draft<InferenceCall>> | undefined;
  /** A link became possible that Codex makes at the item's next sighting. */
  hasPendingLinks: boolean;
  /** Its body was replaced: bytes that became this item once may not become it again. */
  hasNewBody: boolean;
}

/** The items of one thread, by everything they are looked up with. */
export interface ThreadItems {
  readonly threadId: string;
  /** All of them, in order of creation. */
  readonly items: Item[];
  /** Those that were part of live history, in order of addition. */
  readonly conversation: Set<Item>;
  readonly itemsByCallId: Map<string, Item[]>;
  readonly itemsByResponsesId: Map<string, Item[]>;
  readonly itemsByContent: Map<number, Item[]>;
  /** By Responses id; also of items that do not exist yet. */
  readonly acceptances: Map<string, Acceptance>;
}

/** When an item id was first accepted. */
export interface Acceptance {
  readonly timeUnixMs: number;
  readonly seq: number;
}

/** Marks an item as part of live history. */
export function stampAcceptance(item: Item, acceptance: Acceptance): void {
  item.record.accepted_at_unix_ms = acceptance.timeUnixMs;
  item.record.accepted_seq = acceptance.seq;
  item.siblings.conversation.add(item);
}

/** Adds a producer unless the item has it. */
export function addProducer(item: Item, producer: ConversationProducer): void {
  const known = item.record.produced_by.some(
    (other) => other.type === producer.type && producerId(other) === producerId(producer),
  );
  if (!known) item.record.produced_by.push({ ...producer });
}

function producerId(producer: ConversationProducer): string {
  switch (producer.type) {
    case "inference":
      return producer.inference_call_id;
    case "tool":
      return producer.tool_call_id;
    case "code_cell":
      return producer.code_cell_id;
    case "compaction":
      return producer.compaction_id;
  }
  return producer satisfies never;
}

export function isCallKind(kind: ConversationItemKind): boolean {
  return SIDE_OF_CALL[kind] === "call";
}

export function isOutputKind(kind: ConversationItemKind): boolean {
  return SIDE_OF_CALL[kind] === "output";
}

/** Which side of a tool call an item of a kind shows. */
const SIDE_OF_CALL: { readonly [kind in ConversationItemKind]: "call" | "output" | undefined } = {
  message: undefined,
  reasoning: undefined,
  function_call: "call",
  function_call_output: "output",
  custom_tool_call: "call",
  custom_tool_call_output: "output",
  compaction_marker: undefined,
};
