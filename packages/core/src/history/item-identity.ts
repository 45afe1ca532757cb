import { newUuidV7, toWireItem } from "@codex-ts/protocol";
import type { JsonObject, ResponseItem } from "@codex-ts/protocol";
import { agentMessageMetadata, contentItemMetadata, kindName } from "./content-provenance.ts";
import type { ContentItemMetadata, ContentKind } from "./content-provenance.ts";
import { uuidV5 } from "./uuid-v5.ts";

/** Where an item comes from, as traces keep it and requests to some providers say it. */
export interface ItemMetadata {
  readonly turn_id?: string;
  /** Unix seconds. Absent for items of a response. */
  readonly create_time?: number;
  /** The kind of each part of a message, in the order of the parts. */
  readonly content_item_kinds?: readonly string[];
  /** Who wrote each part of a message. Sent for responses-lite models only. */
  readonly content_item_metadata?: readonly ContentItemMetadata[];
}

/** Member of an item that holds its metadata. */
export const ITEM_METADATA_MEMBER = "internal_chat_message_metadata_passthrough";

/** An item as history keeps it. */
export type StoredItem = ResponseItem & { readonly [ITEM_METADATA_MEMBER]?: ItemMetadata };

/** The moment an item enters history. */
export interface ItemOrigin {
  readonly turnId: string;
  /** Unix milliseconds. `undefined` for an item of a response. */
  readonly createdMs: number | undefined;
  /** Of a message made here: what its parts are. Default: unknown. */
  readonly contentKinds?: readonly ContentKind[] | undefined;
}

/** Prefixes of ids made here; the families are the server's. */
const ID_PREFIXES: Readonly<Record<ResponseItem["type"], string | undefined>> = {
  message: "msg",
  agent_message: "amsg",
  reasoning: "rs",
  local_shell_call: "lsh",
  function_call: "fc",
  function_call_output: "fco",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  tool_search_call: "tsc",
  tool_search_output: "tso",
  web_search_call: "ws",
  image_generation_call: "ig",
  compaction: "cmp",
  context_compaction: "cmp",
  additional_tools: "at",
  compaction_trigger: undefined,
  other: undefined,
};

/** The item with an id of its own: the server's where it gave one, else a new one. */
export function withOwnId(item: ResponseItem): ResponseItem {
  if (hasId(item)) return item;
  const prefix = ID_PREFIXES[item.type];
  return prefix === undefined
    ? item
    : ({ ...item, id: `${prefix}_${newUuidV7()}` } as ResponseItem);
}

/** The item as history keeps it: with an id that stays, and what is known of where it comes from. */
export function toStoredItem(item: ResponseItem, origin: ItemOrigin): StoredItem {
  // Of tools nothing is told but their id, as in 0.171.
  if (item.type === "additional_tools") return withOwnId(item);
  return { ...withOwnId(item), [ITEM_METADATA_MEMBER]: metadataOf(item, origin) };
}

function metadataOf(item: ResponseItem, origin: ItemOrigin): ItemMetadata {
  const { turnId, createdMs, contentKinds } = origin;
  const parts = contentKinds && contentItemMetadata(contentKinds);
  return {
    turn_id: turnId,
    ...(createdMs !== undefined && { create_time: createdMs / 1000 }),
    ...(item.type === "message" && {
      content_item_kinds: contentKinds?.map(kindName) ?? item.content.map(() => "unknown"),
      ...(parts !== undefined && { content_item_metadata: parts }),
    }),
    ...(item.type === "agent_message" && {
      content_item_metadata: agentMessageMetadata(item.content.length),
    }),
  };
}

/** The id of something a request of a thread shows that never entered its history: the same in every request. */
export function derivedItemId(type: ResponseItem["type"], name: string): string {
  return `${ID_PREFIXES[type]}_${uuidV5(name)}`;
}

function hasId(item: ResponseItem): boolean {
  return "id" in item && typeof item.id === "string" && item.id !== "";
}

/** The id that requests carry for an item of history; `undefined` in a thread that does not identify its items. */
export function identifiedItemId(item: StoredItem): string | undefined {
  const isIdentified = item[ITEM_METADATA_MEMBER] !== undefined || item.type === "additional_tools";
  if (!isIdentified) return undefined;
  return "id" in item ? item.id : undefined;
}

/** The item in wire form with all that is known of it; `undefined` for an item no request has. */
export function wholeWireItem(item: StoredItem): JsonObject | undefined {
  const wire = toWireItem(item, { itemIds: "keep", laterMembers: true });
  const metadata = item[ITEM_METADATA_MEMBER];
  if (wire === undefined || metadata === undefined) return wire;
  return { ...wire, [ITEM_METADATA_MEMBER]: { ...metadata } };
}
