import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";

/**
 * Events of commands that ran at the same time, put into the order of their command lines and numbered anew. The real
 * program tells the start of a command only when it has ended or has run for a while, so the order says nothing.
 */
export function settleParallelCommands(events: readonly JsonObject[]): JsonObject[] {
  const isCommand = (event: JsonObject): boolean => commandOf(event) !== undefined;
  const first = events.findIndex(isCommand);
  const last = events.findLastIndex(isCommand);
  if (first < 0) return [...events];
  const commands = events
    .slice(first, last + 1)
    .toSorted((left, right) => compare(sortKey(left), sortKey(right)));
  return renumbered([...events.slice(0, first), ...commands, ...events.slice(last + 1)]);
}

function sortKey(event: JsonObject): string {
  return `${commandOf(event) ?? ""} ${event["type"] === "item.started" ? 0 : 1}`;
}

function commandOf({ item }: JsonObject): string | undefined {
  return isJsonObject(item) && typeof item["command"] === "string" ? item["command"] : undefined;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function renumbered(events: readonly JsonObject[]): JsonObject[] {
  const numbers = new Map<string, string>();
  return events.map((event) => {
    const { item } = event;
    if (!isJsonObject(item) || typeof item["id"] !== "string") return event;
    const id = numbers.get(item["id"]) ?? `item_${numbers.size}`;
    numbers.set(item["id"], id);
    return { ...event, item: { ...item, id } };
  });
}
