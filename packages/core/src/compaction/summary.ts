import type { MessageItem } from "@codex-ts/protocol";
import { textParts } from "./retained-messages.ts";

/** The prompt a history is summarized by when nothing else is configured. */
export const DEFAULT_COMPACT_PROMPT = `This conversation is about to be replaced by a note you write now. The reader of the note goes on with the work and knows nothing else of it, except the user's own messages.

Write down:
- what the user wants, and every wish, limit and decision that still holds
- what was done, with the names of files, commands and values that matter, and what came of it
- what is known by now, also what was tried and did not work
- what is unfinished or unclear, and the next step

Be short and exact. Quote what must not be changed. Do not call tools and do not reply to the user.`;

/** Begins every summary in a history, so that the next compaction knows it. */
const SUMMARY_PREFIX =
  "Earlier parts of this conversation were replaced by the note below. It was written by a model that had read them; the files it speaks of are as it left them. Go on from there, without doing again what is done.";

/** The text a model reads in the place of the past. */
export function summaryMessage(summary: string): string {
  return `${SUMMARY_PREFIX}\n${summary === "" ? NO_SUMMARY : summary}`;
}

const NO_SUMMARY = "(no summary available)";

/** Whether a message stands for a past; `others`: texts of session files that do, which may be in other words. */
export function isSummary(message: MessageItem, others: ReadonlySet<string>): boolean {
  const text = textParts(message).join("");
  return text.startsWith(`${SUMMARY_PREFIX}\n`) || others.has(text);
}
