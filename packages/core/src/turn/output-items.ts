import type { ReasoningItem, ResponseEvent, ResponseItem } from "@codex-ts/protocol";
import type { TurnContext } from "./turn-context.ts";

/**
 * Shows what a response produces: text while it streams, items when they are finished. One per request, because an
 * item belongs to the response that began it.
 */
export class OutputItems {
  readonly #turn: TurnContext;
  /** Number of the item that is streaming, given when its first text comes. */
  #activeId: string | undefined;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  onDelta(event: ResponseEvent): void {
    switch (event.type) {
      case "outputTextDelta":
        this.#turn.events.emit({
          type: "agentMessageDelta",
          itemId: this.#active(),
          delta: event.delta,
        });
        return;
      case "reasoningSummaryDelta":
      case "reasoningContentDelta":
        this.#turn.events.emit({
          type: "reasoningDelta",
          itemId: this.#active(),
          delta: event.delta,
        });
        return;
      default:
        return;
    }
  }

  onDone(item: ResponseItem): void {
    if (item.type === "message" && item.role === "assistant") {
      const text = item.content
        .map((part) => (part.type === "input_image" ? "" : part.text))
        .join("");
      this.#turn.lastAgentMessage = text;
      this.#complete({ type: "agent_message", text });
    } else if (item.type === "reasoning") {
      const text = reasoningText(item);
      if (text !== "") this.#complete({ type: "reasoning", text });
    }
    this.#activeId = undefined;
  }

  #complete(item: { readonly type: "agent_message" | "reasoning"; readonly text: string }): void {
    this.#turn.events.emit({ type: "itemCompleted", item: { id: this.#active(), ...item } });
  }

  #active(): string {
    this.#activeId ??= this.#turn.thread.nextItemId();
    return this.#activeId;
  }
}

function reasoningText(item: ReasoningItem): string {
  return item.summary.map((part) => part.text).join("\n");
}
