import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import type { EventMsg, JsonObject, JsonValue, ResponseItem, TokenUsage } from "@codex-ts/protocol";

/** Whether a review is under way after an event; `undefined` for events that say nothing about it. */
export function isReviewingAfter({ type, item }: JsonObject): boolean | undefined {
  const kind = type === "item_completed" && isJsonObject(item) ? item["type"] : type;
  if (kind === "entered_review_mode" || kind === "EnteredReviewMode") return true;
  return kind === "exited_review_mode" || kind === "ExitedReviewMode" ? false : undefined;
}

/** A message of another agent, which 0.140 keeps in a form of its own. */
export function agentMessage(payload: JsonObject): readonly ResponseItem[] {
  const { author, recipient, content, encrypted_content: encrypted } = payload;
  const part =
    typeof encrypted === "string"
      ? { type: "encrypted_content", encrypted_content: encrypted }
      : { type: "input_text", text: content };
  const item = readResponseItem({ type: "agent_message", author, recipient, content: [part] });
  return item?.type === "agent_message" ? [item] : [];
}

/** Either generation's word for what a person said: its item is the one before. */
export function isUserMessage(event: EventMsg): boolean {
  if (event.type === "user_message") return true;
  return event.type === "item_completed" && event.item.type === "UserMessage";
}

/** Counts that are none are 0; `undefined` when there are none at all. */
export function readUsage(value: JsonValue | undefined): TokenUsage | undefined {
  if (!isJsonObject(value)) return undefined;
  const count = (name: keyof TokenUsage): number => {
    const number = value[name];
    return typeof number === "number" && Number.isSafeInteger(number) ? number : 0;
  };
  return {
    input_tokens: count("input_tokens"),
    cached_input_tokens: count("cached_input_tokens"),
    cache_write_input_tokens: count("cache_write_input_tokens"),
    output_tokens: count("output_tokens"),
    reasoning_output_tokens: count("reasoning_output_tokens"),
    total_tokens: count("total_tokens"),
  };
}
