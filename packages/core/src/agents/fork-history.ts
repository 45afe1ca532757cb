import type { ResponseItem } from "@codex-ts/protocol";
import { isUserInput } from "../compaction/retained-messages.ts";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { ForkedTurns } from "./agent.ts";

/** The part of a parent's history its agent begins with. Source: runs of 0.140 and 0.171. */
export function forkedHistory(
  items: readonly ResponseItem[],
  turns: ForkedTurns,
  { forks }: CompatibilityProfile["agents"],
): readonly ResponseItem[] {
  if (turns === "none") return [];
  if (forks === "whole") return items;
  return lastTurns(items, turns).filter(isConversation);
}

/** Whether a fork leaves out what the model has read of its surroundings. */
export function isCutShort(turns: ForkedTurns, { forks }: CompatibilityProfile["agents"]): boolean {
  return typeof turns === "number" && forks !== "whole";
}

function lastTurns(items: readonly ResponseItem[], turns: ForkedTurns): readonly ResponseItem[] {
  if (typeof turns !== "number") return items;
  const starts = items.flatMap((item, index) => (isStart(item) ? [index] : []));
  return items.slice(starts.at(-turns) ?? 0);
}

/** An input of the user, or a task. */
function isStart(item: ResponseItem): boolean {
  if (item.type === "agent_message")
    return item.content.some(({ type }) => type === "encrypted_content");
  return isUserInput(item);
}

/** The conversation, without the work in between. */
function isConversation(item: ResponseItem): boolean {
  if (item.type !== "message") return false;
  return item.role !== "assistant" || item.phase === "final_answer";
}
