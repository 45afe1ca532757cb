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
 * role, a reasoning without content): one such item would make the whole bundle unreadable. Source: rollout-trace spec,
 * sections 4 and 7.4.
 */
export function toBundleItem(
  item: ResponseItem,
  { id, asInRequests }: RecordedForm,
): JsonObject | undefined {
  if (!isReducible(item)) return undefined;
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
  const { type, role, content, summary, encrypted_content: encrypted } = item;
  switch (type) {
    case "message":
      return typeof role === "string" && REDUCIBLE_ROLES.has(role);
    case "agent_message":
      return isFilled(content);
    case "context_compaction":
      return typeof encrypted === "string";
    case "reasoning":
      return isFilled(summary) || isFilled(content) || typeof encrypted === "string";
    default:
      return type !== "other" && type !== "compaction_trigger";
  }
}

function isFilled(list: JsonValue | undefined): boolean {
  return Array.isArray(list) && list.length > 0;
}
