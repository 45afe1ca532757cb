import { newUuidV7 } from "@codex-ts/protocol";
import type { MessageItem } from "@codex-ts/protocol";
import { message } from "../context/context-messages.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import type { TurnFailure } from "../events/turn-event.ts";
import type { TurnEnd } from "../thread/thread-options.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { readReviewOutput, reviewText } from "./review-output.ts";
import type { ReviewOutput } from "./review-output.ts";
import { reviewPrompt } from "./review-prompt.ts";
import type { ReviewTarget } from "./review-target.ts";
import { ReviewerEvents } from "./reviewer-events.ts";

type ErrorMsg = Extract<ThreadEvent, { readonly type: "error" }>["msg"];

/** Why a reviewer failed: as its thread has emitted it, and as it has ended. */
export interface ReviewFailure {
  readonly error: Pick<ErrorMsg, "message" | "codex_error_info">;
  readonly failure: TurnFailure;
}

/**
 * Has a thread of its own review the target, and records for the model what it found. What the reviewer does is shown
 * as done by this turn. Returns why the reviewer failed, if it did. Rejects with the reason of an abort.
 */
export async function runReview(
  turn: TurnContext,
  target: ReviewTarget,
): Promise<ReviewFailure | undefined> {
  const events = new ReviewerEvents(turn);
  let end: TurnEnd | undefined;
  try {
    end = await review(turn, target, events);
  } finally {
    finish(turn, end);
  }
  turn.signal.throwIfAborted();
  if (end?.type !== "turnFailed") return undefined;
  const { code: _code, ...rest } = end.error;
  const error = events.error ?? { message: rest.message, codex_error_info: null };
  return { error, failure: end.error };
}

async function review(
  turn: TurnContext,
  target: ReviewTarget,
  events: ReviewerEvents,
): Promise<TurnEnd | undefined> {
  const { env } = turn.thread.facts;
  const { signal, settings, origin } = turn;
  const prompt = await reviewPrompt(target, { cwd: settings.cwd, env, signal });
  signal.throwIfAborted();
  const reviewer = turn.thread.facts.startReviewer(settings, (event) => events.take(event));
  try {
    const causes = { rootTurnId: origin.rootTurnId, parentTurnId: turn.turnId };
    let end: TurnEnd | undefined;
    for await (const event of reviewer.runTurn(prompt, { signal, ...causes })) {
      if (event.type === "turnCompleted" || event.type === "turnFailed") end = event;
      await turn.queue.behind();
    }
    return end;
  } finally {
    await reviewer.close();
  }
}

/** The model reads of the review in its next turn, also of one that came to nothing. */
function finish(turn: TurnContext, end: TurnEnd | undefined): void {
  const said = end?.type === "turnCompleted" ? end.lastAgentMessage : null;
  const output = said === null ? null : readReviewOutput(said);
  turn.record(userAction(output), { contentKinds: ["unknown"] });
  turn.emit({ type: "review_exited", id: newUuidV7(), output });
  const text = output === null ? STOPPED : reviewText(output);
  turn.lastAgentMessage = output === null ? null : text;
  show(turn, text);
}

const STOPPED = "The review was stopped before it had a result. Start it again to have one.";

/** The tags and the action are machine-read, the same in 0.140 and 0.171. */
function userAction(output: ReviewOutput | null): MessageItem {
  const context =
    output === null
      ? "The user started a review that was stopped before its end. Should the user ask for its result: there is none until it is started again and ends by itself."
      : "The user started a review. Below is all that the reviewer reported; the user may ask to have some of it mended.";
  const results = output === null ? "None." : resultsOf(output);
  const end = output === null ? "</user_action>\n\n" : "  </user_action>\n";
  return message("user", [
    `<user_action>\n  <context>${context}</context>\n  <action>review</action>\n  <results>\n  ${results}\n  </results>\n${end}`,
  ]);
}

function resultsOf(output: ReviewOutput): string {
  return output.overall_explanation.trim() === "" && output.findings.length === 0
    ? ""
    : reviewText(output);
}

/** Shows a text as a message of the model. */
function show(turn: TurnContext, text: string): void {
  const { threadId, now, profile } = turn.thread.facts;
  const id = profile.reviewMessageId ?? `msg_${newUuidV7()}`;
  const item: MessageItem = {
    type: "message",
    id,
    role: "assistant",
    content: [{ type: "output_text", text }],
  };
  const ids = { thread_id: threadId, turn_id: turn.turnId };
  const shown = { type: "AgentMessage", id, content: [{ type: "Text", text }] } as const;
  const facts = { itemId: turn.thread.nextItemId() };
  turn.emit({ type: "item_started", ...ids, item: shown, started_at_ms: now() }, facts);
  turn.record(item, { isShown: true, contentKinds: ["unknown"] });
  turn.emit({ type: "item_completed", ...ids, item: shown, completed_at_ms: now() }, facts);
}
