import type { ResponseItem } from "@codex-ts/protocol";
import { isSaidByUser } from "../compaction/retained-messages.ts";

/**
 * Where 0.140 cuts a history that is to lose the newest things the user said, so many of them: before the context that
 * comes before the first of these. A summary counts as said, a command of the user does not, and what comes before
 * everything the user said stays.
 */
export function cutOf(items: readonly ResponseItem[], count: number): number {
  const said = [...items.keys()].filter((index) => isSaid(items[index]));
  const [first = items.length] = said;
  let cut = count >= said.length ? first : (said.at(-count) ?? first);
  while (cut > first && isContext(items[cut - 1])) cut -= 1;
  return cut;
}

function isSaid(item: ResponseItem | undefined): boolean {
  return item !== undefined && isSaidByUser(item);
}

function isContext(item: ResponseItem | undefined): boolean {
  return item?.type === "message" && item.role !== "assistant" && !isSaidByUser(item);
}
