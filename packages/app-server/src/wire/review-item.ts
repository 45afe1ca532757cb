import { reviewText } from "@codex-ts/core";
import type { ReviewOutput, ThreadEvent } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { ThreadItem } from "./item.ts";

type ReviewItem = Extract<ThreadItem, { readonly review: string }>;
type ReviewMsg = Extract<ThreadEvent, { readonly type: "review_entered" | "review_exited" }>["msg"];

/** The beginning or the end of a review. */
export function toReviewItem(msg: ReviewMsg, id: string): ReviewItem {
  return msg.type === "review_entered"
    ? { type: "enteredReviewMode", id, review: msg.hint }
    : { type: "exitedReviewMode", id, review: resultText(msg.output) };
}

/** The same as a session file of 0.171 keeps it; `undefined` when it is another item. */
export function readReviewItem(raw: JsonObject): ReviewItem | undefined {
  const { type, id } = raw;
  if (typeof id !== "string") return undefined;
  if (type === "EnteredReviewMode") {
    return { type: "enteredReviewMode", id, review: textOf(raw["user_facing_hint"]) };
  }
  if (type !== "ExitedReviewMode") return undefined;
  const { review_output: output } = raw;
  const isOutput = isJsonObject(output) && Array.isArray(output["findings"]);
  const read = isOutput ? (output as unknown as ReviewOutput) : null;
  return { type: "exitedReviewMode", id, review: resultText(read) };
}

/** The explanation alone, as 0.140 shows kept reviews; the message that follows has the findings. */
export function explanationOf(output: unknown): string {
  const text = isJsonObject(output) ? textOf(output["overall_explanation"]).trim() : "";
  return text === "" ? resultText(null) : text;
}

function resultText(output: ReviewOutput | null): string {
  return reviewText(output ?? { overall_explanation: "", findings: [] });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
