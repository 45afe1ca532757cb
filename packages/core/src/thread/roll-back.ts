import { isUserInput } from "../compaction/retained-messages.ts";
import { isSummary } from "../compaction/summary.ts";
import type { RollBackOptions } from "./thread-options.ts";
import type { ThreadState } from "./thread-state.ts";

/**
 * Takes the last inputs of the user out of the history, with everything after the first of them. Without `usage` that of
 * the thread stays what it was, and the size of the context is estimated until the next response counts it. Returns how
 * many there were.
 */
export function rollBack(state: ThreadState, inputs: number, { usage }: RollBackOptions): number {
  const { history } = state.facts;
  const places = [...history.items.keys()].filter((index) => {
    const item = history.items[index];
    return item !== undefined && isUserInput(item) && !isSummary(item, state.foundSummaries);
  });
  const dropped = Math.min(inputs, places.length);
  const end = dropped === 0 ? history.items.length : (places.at(-dropped) ?? 0);
  history.replace(history.items.slice(0, end));
  if (usage === undefined) state.estimateContext(state.previousModel);
  else state.tokenCount.useInfo(usage);
  return dropped;
}
