import { contentItemCodec } from "./content-item.ts";
import type { ContentItem } from "./content-item.ts";
import type { Codec } from "./internal/codec.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { responseItemCodec } from "./response-item-codec.ts";
import type { ResponseItem } from "./response-item.ts";

/** Items as they arrived, where reading had to change them. */
const receivedObjects = new WeakMap<ResponseItem, JsonObject>();

/** How `toWireItem` and `toTraceItem` treat the ids of items. */
export interface WireItemOptions {
  /**
   * - `omit` (requests of 0.140): no id, except that an image generation call always keeps its own;
   * - `keep` (0.169, and traces of schema 2): every id there is, right after `type`;
   * - `azure` (0.140 requests with `store: true` to an Azure endpoint): non-empty ids of reasoning, messages and calls,
   *   as the last member.
   */
  readonly itemIds: "omit" | "keep" | "azure";
  /**
   * Also the members that 0.140 drops and later versions send back: `status` of messages and function calls,
   * `annotations` and `logprobs` of their texts, `namespace` of custom calls. Default false.
   */
  readonly laterMembers?: boolean | undefined;
}

const KINDS_WITH_AZURE_ID: ReadonlySet<string> = new Set([
  "reasoning",
  "message",
  "web_search_call",
  "function_call",
  "tool_search_call",
  "local_shell_call",
  "custom_tool_call",
]);

/**
 * Reads one item a server, a session file or a trace holds.
 *
 * Returns the received object itself wherever it can: unknown members survive in memory. `null` of an optional member
 * counts as absent and is taken out, `compaction_summary` reads as `compaction`, an item of unknown type becomes
 * `{type: "other", raw}`, and an unknown web-search action becomes `{type: "other"}`; `toRawItem` still returns what
 * came. `undefined` when a required member is missing or a known one has the wrong type: such an item is dropped.
 *
 * Source: the recorded behavior of 0.132 to 0.169.
 */
export function readResponseItem(value: unknown): ResponseItem | undefined {
  const item = responseItemCodec.read(value);
  if (item !== undefined && item !== value && item.type !== "other") {
    receivedObjects.set(item, value as JsonObject);
  }
  return item;
}

/** The object `readResponseItem` was given; for an item made here, the item itself. */
export function toRawItem(item: ResponseItem): JsonObject {
  if (item.type === "other") return item.raw;
  return receivedObjects.get(item) ?? (item as unknown as JsonObject);
}

/**
 * The item as it goes into the `input` of a request: known members only, in wire order, with the nulls and omissions
 * of 0.140. `undefined` for an item of unknown type, which must be left out; without `laterMembers` tools are one.
 *
 * Reasoning content: unset is written as `null`; a list without any `reasoning_text` part is left out.
 */
export function toWireItem(item: ResponseItem, options: WireItemOptions): JsonObject | undefined {
  if (item.type === "other") return undefined;
  // 0.140 does not know them.
  if (item.type === "additional_tools" && options.laterMembers !== true) return undefined;
  const wire = responseItemCodec.write(item) as Record<string, JsonObject[string]>;
  if (item.type === "reasoning" && item.content?.every((part) => part.type !== "reasoning_text")) {
    delete wire["content"];
  }
  const identified = withItemId(wire, idOf(item), options);
  return options.laterMembers === true ? withLaterMembers(identified, item) : identified;
}

/**
 * The item as a rollout trace stores it among the `output_items` of a response: like {@link toWireItem}, but reasoning
 * content is kept with any parts, and is `null` when unset. Use `omit` for schema 1 and `keep` for schema 2.
 * `undefined` for an item of unknown type: the real reducer refuses those.
 */
export function toTraceItem(item: ResponseItem, options: WireItemOptions): JsonObject | undefined {
  if (item.type === "other") return undefined;
  return withItemId(responseItemCodec.write(item) as JsonObject, idOf(item), options);
}

/** Items inside events and session files: like in a request, without ids, but unknown ones are kept as received. */
export const storedItemCodec: Codec<ResponseItem> = {
  read: readResponseItem,
  write: (item) => toWireItem(item, { itemIds: "omit" }) ?? toRawItem(item),
};

/** Source: 0.169 and 0.171, observed; a status stands before the id. */
function withLaterMembers(wire: JsonObject, item: KnownItem): JsonObject {
  if (item.type === "message") {
    return { ...withStatus(wire, item), content: item.content.map(laterContent) };
  }
  if (item.type === "function_call") return withStatus(wire, item);
  if (item.type !== "custom_tool_call") return wire;
  const { input, ...before } = wire;
  if (item.namespace === undefined || input === undefined) return wire;
  return { ...before, namespace: item.namespace, input };
}

/** The status is no member this package reads: it is on the object as the server sent it. */
function withStatus(wire: JsonObject, item: object): JsonObject {
  const { type, ...rest } = wire;
  const status = "status" in item ? item.status : undefined;
  return typeof status === "string" && type !== undefined ? { type, status, ...rest } : wire;
}

/** Lists of a text that this package does not read; anything else is none. */
function laterContent(part: ContentItem): JsonObject {
  const wire = contentItemCodec.write(part) as JsonObject;
  if (part.type !== "output_text") return wire;
  const { annotations, logprobs } = part as { readonly [member: string]: unknown };
  return {
    ...wire,
    ...(Array.isArray(annotations) && { annotations: annotations as JsonValue[] }),
    ...(Array.isArray(logprobs) && { logprobs: logprobs as JsonValue[] }),
  };
}

function idOf(item: KnownItem): string | undefined {
  return item.type === "compaction_trigger" ? undefined : item.id;
}

type KnownItem = Exclude<ResponseItem, { readonly type: "other" }>;

/**
 * An item in wire form that has no id yet, with the one given where requests want it. An id that is no text, or empty, is
 * none.
 */
export function withItemId(
  wire: JsonObject,
  id: JsonValue | undefined,
  { itemIds }: WireItemOptions,
): JsonObject {
  const { type } = wire;
  if (itemIds === "omit" || typeof type !== "string") return wire;
  if (typeof id !== "string" || id === "") return wire;
  if (itemIds === "keep") return { type, id, ...wire };
  return KINDS_WITH_AZURE_ID.has(type) ? { ...wire, id } : wire;
}
