import { toTraceItem, type JsonObject, type ResponseItem } from "@codex-ts/protocol";

/** Roles Codex's reducer knows; a message with another one ends its reduction. */
const REDUCIBLE_ROLES: ReadonlySet<string> = new Set([
  "system",
  "developer",
  "user",
  "assistant",
  "tool",
]);

/**
 * An item as a payload of this bundle holds it, under the given id or without one. `undefined` for an item that a
 * reducer would refuse (an unknown type or role, a reasoning without content): one such item would make the whole bundle
 * unreadable. Source: rollout-trace spec, sections 4 and 7.4.
 */
export function toBundleItem(item: ResponseItem, id: string | undefined): JsonObject | undefined {
  if (!isReducible(item)) return undefined;
  try {
    return id === undefined
      ? toTraceItem(item, { itemIds: "omit" })
      : toTraceItem({ ...item, id } as ResponseItem, { itemIds: "keep" });
  } catch {
    // Not the shape its type promises: it came from somewhere that did not check.
    return undefined;
  }
}

function isReducible(item: ResponseItem): boolean {
  if (item.type === "message") return REDUCIBLE_ROLES.has(item.role);
  if (item.type === "agent_message") return isFilled(item.content);
  if (item.type === "context_compaction") return typeof item.encrypted_content === "string";
  if (item.type === "reasoning") {
    const isReadable = isFilled(item.summary) || isFilled(item.content);
    return isReadable || typeof item.encrypted_content === "string";
  }
  return item.type !== "other" && item.type !== "compaction_trigger";
}

function isFilled(list: readonly unknown[] | null | undefined): boolean {
  return Array.isArray(list) && list.length > 0;
}
