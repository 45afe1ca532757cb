import type { FunctionCallOutput, FunctionCallOutputContentItem } from "@codex-ts/protocol";
import { budgetBytes, truncateMiddle } from "./truncate.ts";
import type { OutputBudget } from "./truncate.ts";

/**
 * A tool output within its budget. In a list the texts are cut in order until the budget is gone, the rest of them are
 * replaced by one note, and everything that is no text stays.
 */
export function truncateOutput(
  output: FunctionCallOutput,
  budget: OutputBudget,
): FunctionCallOutput {
  if (typeof output === "string") return truncateMiddle(output, budget);
  return truncateItems(output, budget);
}

function truncateItems(
  items: readonly FunctionCallOutputContentItem[],
  budget: OutputBudget,
): readonly FunctionCallOutputContentItem[] {
  const kept: FunctionCallOutputContentItem[] = [];
  let left = budgetBytes(budget);
  let omitted = 0;
  for (const item of items) {
    if (item.type !== "input_text") kept.push(item);
    else if (left <= 0) omitted += 1;
    else {
      const bytes = Buffer.byteLength(item.text);
      kept.push(bytes <= left ? item : { ...item, text: cut(item.text, left, budget.mode) });
      left -= bytes;
    }
  }
  if (omitted > 0) kept.push({ type: "input_text", text: `[omitted ${omitted} text items ...]` });
  return kept;
}

function cut(text: string, bytes: number, mode: OutputBudget["mode"]): string {
  const limit = mode === "tokens" ? Math.floor(bytes / 4) : bytes;
  return truncateMiddle(text, { mode, limit });
}
