import type { ResponseItem } from "@codex-ts/protocol";
import { estimateTextTokens, estimateTokensOf } from "../history/token-estimate.ts";
import { isSaidByUser, textParts } from "../compaction/retained-messages.ts";
import { isSummary } from "../compaction/summary.ts";
import type { ThreadState } from "./thread-state.ts";

/**
 * Takes the last inputs of the user out of the history, with everything after the first of them. The usage of the thread
 * stays what it was; the size of the context is estimated until the next response counts it. Returns how many there were.
 */
export function rollBack(state: ThreadState, inputs: number): number {
  const { history, instructions, profile } = state.facts;
  const places = [...history.items.keys()].filter((index) => {
    const item = history.items[index];
    return item !== undefined && isInput(item, state.foundSummaries);
  });
  const dropped = Math.min(inputs, places.length);
  const end = dropped === 0 ? history.items.length : (places.at(-dropped) ?? 0);
  history.replace(history.items.slice(0, end));
  state.tokenCount.estimate(
    estimateTextTokens(instructions) + estimateTokensOf(history.items, profile.compaction.measure),
  );
  return dropped;
}

/** Commands of the user are inputs, too. */
function isInput(item: ResponseItem, summaries: ReadonlySet<string>): boolean {
  if (item.type !== "message" || item.role !== "user") return false;
  const [part] = item.content;
  const isCommand = part?.type === "input_text" && part.text.startsWith("<user_shell_command>");
  return isCommand || (isSaidByUser(item) && !isSummary(textParts(item).join(""), summaries));
}
