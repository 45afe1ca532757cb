import type { Item } from "./item.ts";
import type { Acceptance } from "./thread-history.ts";

/** Marks an item as part of live history. */
export function stampAcceptance(item: Item, acceptance: Acceptance): void {
  item.record.accepted_at_unix_ms = acceptance.timeUnixMs;
  item.record.accepted_seq = acceptance.seq;
  item.history.conversation.add(item);
}
