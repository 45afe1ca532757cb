import {
  isJsonObject,
  toTraceItem,
  type JsonObject,
  type JsonValue,
  type ResponseItem,
} from "@codex-ts/protocol";
import type { RecordedForm } from "./item-ids.ts";

/** Roles Codex's reducer knows; a message with another one ends its reduction. */
const REDUCIBLE_ROLES: ReadonlySet<string> = new Set([
  "system",
  "developer",
  "user",
  "assistant",
  "tool",
]);

/**
 * An item as a payload of this bundle holds it. `undefined` for an item that a reducer would refuse (an unknown type or
 * role, a reasoning without content): one such item would make the whole bundle unreadable.
 * Source: docs/behavior/rollout-trace.md 4, 7.4.
 */
export function toBundleItem(
  item: ResponseItem,
  { id, asInRequests }: RecordedForm,
): JsonObject | undefined {
  // Schema 1, in which items have no ids, does not know them.
  const isUnknown = item.type === "additional_tools" && id === undefined;
  if (isUnknown || !isReducible(item)) return undefined;
  try {
    if (asInRequests !== undefined) return toTraceItem(item, { itemIds: asInRequests });
    return id === undefined
      ? toTraceItem(item, { itemIds: "omit" })
      : toTraceItem({ ...item, id } as ResponseItem, { itemIds: "keep" });
  } catch {
    // Not the shape its type promises: it came from somewhere that did not check.
    return undefined;
  }
}

/** Whether a reducer takes an item, in memory or as a request has it. */
export function isReducible(item: unknown): boolean {
  if (!isJsonObject(item)) return false;
  const { type } = item;
  // Requests may hold types that responses do not; they are recorded as sent.
  if (typeof type !== "string" || !Object.hasOwn(REDUCIBLE, type)) return true;
  return REDUCIBLE[type as ResponseItem["type"]](item);
}

const always = (): boolean => true;
const never = (): boolean => false;

/** Whether a reducer takes an item of a type. */
const REDUCIBLE: { readonly [type in ResponseItem["type"]]: (item: JsonObject) => boolean } = {
  message: ({ role }) => typeof role === "string" && REDUCIBLE_ROLES.has(role),
  agent_message: ({ content }) => isFilled(content),
  reasoning: ({ summary, content, encrypted_content: encrypted }) =>
    isFilled(summary) || isFilled(content) || typeof encrypted === "string",
  local_shell_call: always,
  function_call: always,
  tool_search_call: always,
  function_call_output: always,
  custom_tool_call: always,
  custom_tool_call_output: always,
  tool_search_output: always,
  web_search_call: always,
  image_generation_call: always,
  compaction: always,
  compaction_trigger: never,
  context_compaction: ({ encrypted_content: encrypted }) => typeof encrypted === "string",
  additional_tools: always,
  other: never,
};

function isFilled(list: JsonValue | undefined): boolean {
  return Array.isArray(list) && list.length > 0;
}
