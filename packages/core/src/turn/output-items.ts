import type { ResponseItem, TurnItem } from "@codex-ts/protocol";
import type { TurnContext } from "./turn-context.ts";

/**
 * Emits what a response shows: text while it streams, items when they are finished. One per request, because an item
 * belongs to the response that began it.
 */
export class OutputItems {
  readonly #turn: TurnContext;
  /** Number of the item that is streaming, given when its first text comes. */
  #activeId: string | undefined;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  // Written out, because there are thousands of these: copying a common part costs more than all the rest here.
  onTextDelta(delta: string): void {
    const { thread, turnId } = this.#turn;
    this.#turn.emit({
      type: "agent_message_content_delta",
      thread_id: thread.facts.threadId,
      turn_id: turnId,
      item_id: this.#active(),
      delta,
    });
  }

  onReasoningSummaryDelta(delta: string, summaryIndex: number): void {
    const { thread, turnId } = this.#turn;
    this.#turn.emit({
      type: "reasoning_content_delta",
      thread_id: thread.facts.threadId,
      turn_id: turnId,
      item_id: this.#active(),
      delta,
      summary_index: summaryIndex,
    });
  }

  onReasoningContentDelta(delta: string, contentIndex: number): void {
    const { thread, turnId } = this.#turn;
    this.#turn.emit({
      type: "reasoning_raw_content_delta",
      thread_id: thread.facts.threadId,
      turn_id: turnId,
      item_id: this.#active(),
      delta,
      content_index: contentIndex,
    });
  }

  onDone(item: ResponseItem): void {
    if (item.type === "message" && item.role === "assistant") {
      const content = item.content
        .filter((part) => part.type !== "input_image")
        .map(({ text }) => ({ type: "Text" as const, text }));
      this.#turn.lastAgentMessage = content.map((part) => part.text).join("");
      this.#complete({ type: "AgentMessage", id: this.#active(), content });
    } else if (item.type === "reasoning") {
      this.#complete({
        type: "Reasoning",
        id: this.#active(),
        summary_text: item.summary.map((part) => part.text),
        raw_content: (item.content ?? []).map((part) => part.text),
      });
    }
    this.#activeId = undefined;
  }

  #complete(item: TurnItem): void {
    const { thread, turnId } = this.#turn;
    this.#turn.emit({
      type: "item_completed",
      thread_id: thread.facts.threadId,
      turn_id: turnId,
      item,
      completed_at_ms: thread.facts.now(),
    });
  }

  #active(): string {
    this.#activeId ??= this.#turn.thread.nextItemId();
    return this.#activeId;
  }
}
