import type { ReducerContext } from "../context.ts";
import type { Item } from "./item.ts";

// An item is unsettled when seeing the same bytes again may not give the same item, or may do something to it. There are
// few at a time, so it is quicker to look at them than at a whole history that repeats.

/** A link became possible that Codex makes when it next sees the item. */
export function deferLinks(context: ReducerContext, item: Item): void {
  item.hasPendingLinks = true;
  context.unsettledItems.add(item);
}

/** The links of the item are being made. */
export function settleLinks(context: ReducerContext, item: Item): void {
  item.hasPendingLinks = false;
  if (!item.hasNewBody) context.unsettledItems.delete(item);
}

/** The item's body was replaced: for good, because bytes that became this item once may not become it again. */
export function noteNewBody(context: ReducerContext, item: Item): void {
  item.hasNewBody = true;
  context.unsettledItems.add(item);
}

/** Whether all items up to this number are settled. */
export function areSettledUpTo(context: ReducerContext, number: number): boolean {
  for (const item of context.unsettledItems) if (item.number <= number) return false;
  return true;
}
