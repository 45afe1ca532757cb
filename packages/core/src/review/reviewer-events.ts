import type { ThreadEvent } from "../events/thread-event.ts";
import type { TurnContext } from "../turn/turn-context.ts";

type ErrorMsg = Extract<ThreadEvent, { readonly type: "error" }>["msg"];

/** Moments of a reviewer that nobody sees: its message is for the review, and its counts are its own. */
const UNSEEN: ReadonlySet<ThreadEvent["type"]> = new Set([
  "session_configured",
  "task_complete",
  "turn_aborted",
  "shutdown_complete",
  "raw_response_item",
  "agent_message_content_delta",
  "token_count",
  "context_recorded",
  "inference_started",
  "inference_finished",
]);

/** Passes what a reviewer does on to the turn the review belongs to. */
export class ReviewerEvents {
  readonly #turn: TurnContext;
  /** Ids of items among those of the turn's thread, by their id among those of the reviewer's. */
  readonly #itemIds = new Map<string, string>();
  #threadId = "";
  #error: ErrorMsg | undefined;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  /** The error the reviewer's turn has ended with. */
  get error(): ErrorMsg | undefined {
    return this.#error;
  }

  take(event: ThreadEvent): void {
    if (event.type === "session_configured") this.#threadId = event.msg.thread_id ?? "";
    if (event.type === "error") this.#error = event.msg;
    if (UNSEEN.has(event.type)) return;
    if (event.type === "item_completed" && event.msg.item.type === "AgentMessage") return;
    this.#turn.emit({
      type: "reviewer_event",
      thread_id: this.#threadId,
      event: this.#renumbered(event),
    });
  }

  #renumbered(event: ThreadEvent): ThreadEvent {
    const { facts } = event;
    if (facts === undefined || !("itemId" in facts)) return event;
    const itemId = this.#itemIds.get(facts.itemId) ?? this.#turn.thread.nextItemId();
    this.#itemIds.set(facts.itemId, itemId);
    return { ...event, facts: { ...facts, itemId } } as ThreadEvent;
  }
}
