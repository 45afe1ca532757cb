import type { JsonObject } from "@codex-ts/protocol";
import type { ThreadEvent } from "../events/thread-event.ts";

type ReviewMsg = Extract<ThreadEvent, { readonly type: "review_entered" | "review_exited" }>["msg"];

/** The beginning or the end of a review, as an item of a file of 0.171. */
export function reviewItem(msg: ReviewMsg): JsonObject {
  const item =
    msg.type === "review_entered"
      ? { type: "EnteredReviewMode", id: msg.id, target: msg.target, user_facing_hint: msg.hint }
      : { type: "ExitedReviewMode", id: msg.id, review_output: msg.output };
  return item as unknown as JsonObject;
}
