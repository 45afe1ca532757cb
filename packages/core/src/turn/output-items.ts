import type { ResponseItem, TurnItem } from "@codex-ts/protocol";
import { imageItem, webSearchItem } from "./hosted-items.ts";
import type { TurnContext } from "./turn-context.ts";

/** An item of a response that is shown: by the response's id for it, and by its number in the thread. */
interface ShownItem {
  readonly id: string;
  /** One object for all of its events: there are thousands of deltas. */
  readonly facts: { readonly itemId: string };
}

/**
 * Emits what a response shows: where an item begins, its text while it streams, the item when it is finished. One per
 * request, because an item belongs to the response that began it.
 */
export class OutputItems {
  readonly #turn: TurnContext;
  /** The item that is streaming, once it has begun or its first text has come. */
  #active: ShownItem | undefined;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  onAdded(item: ResponseItem): void {
    const shown = this.#shown(item);
    if (shown === undefined) return;
    this.#active = undefined;
    this.#start(shown);
  }

  // Written out, because there are thousands of these: copying a common part costs more than all the rest here.
  onTextDelta(delta: string): void {
    const { thread, turnId } = this.#turn;
    const { id, facts } = this.#active ?? this.#start(EMPTY_MESSAGE);
    this.#turn.emit(
      {
        type: "agent_message_content_delta",
        thread_id: thread.facts.threadId,
        turn_id: turnId,
        item_id: id,
        delta,
      },
      facts,
    );
  }

  onReasoningSummaryPart(summaryIndex: number): void {
    const { id } = this.#active ?? this.#start(EMPTY_REASONING);
    this.#turn.emit({
      type: "agent_reasoning_section_break",
      item_id: id,
      summary_index: summaryIndex,
    });
  }

  onReasoningSummaryDelta(delta: string, summaryIndex: number): void {
    const { thread, turnId } = this.#turn;
    const { id, facts } = this.#active ?? this.#start(EMPTY_REASONING);
    this.#turn.emit(
      {
        type: "reasoning_content_delta",
        thread_id: thread.facts.threadId,
        turn_id: turnId,
        item_id: id,
        delta,
        summary_index: summaryIndex,
      },
      facts,
    );
  }

  onReasoningContentDelta(delta: string, contentIndex: number): void {
    const { thread, turnId } = this.#turn;
    const { id, facts } = this.#active ?? this.#start(EMPTY_REASONING);
    this.#turn.emit(
      {
        type: "reasoning_raw_content_delta",
        thread_id: thread.facts.threadId,
        turn_id: turnId,
        item_id: id,
        delta,
        content_index: contentIndex,
      },
      facts,
    );
  }

  /** `savedPath`: where the image that the item is has been kept. */
  onDone(item: ResponseItem, savedPath?: string): void {
    const shown = this.#shown(item, savedPath);
    if (item.type === "message" && item.role === "assistant") {
      this.#turn.lastAgentMessage = textsOf(item)
        .map((part) => part.text)
        .join("");
    }
    if (shown !== undefined) this.#complete(shown);
    this.#active = undefined;
  }

  /** `undefined` for items that are shown otherwise, or not at all. */
  #shown(item: ResponseItem, savedPath?: string): ReturnType<typeof shownItem> {
    if (item.type === "image_generation_call") {
      return this.#turn.thread.facts.profile.showsImages ? imageItem(item, savedPath) : undefined;
    }
    return shownItem(item);
  }

  #start(item: TurnItem & { readonly id: string }): ShownItem {
    const { thread, turnId } = this.#turn;
    const itemId = thread.nextItemId();
    // Servers may send items without ids.
    const active = { id: item.id === "" ? itemId : item.id, facts: { itemId } };
    this.#active = active;
    this.#turn.emit(
      {
        type: "item_started",
        thread_id: thread.facts.threadId,
        turn_id: turnId,
        item: { ...item, id: active.id },
        started_at_ms: thread.facts.now(),
      },
      active.facts,
    );
    return active;
  }

  #complete(item: TurnItem & { readonly id: string }): void {
    const { thread, turnId } = this.#turn;
    const { id, facts } = this.#active ?? this.#start(begun(item));
    this.#turn.emit(
      {
        type: "item_completed",
        thread_id: thread.facts.threadId,
        turn_id: turnId,
        item: { ...item, id },
        completed_at_ms: thread.facts.now(),
      },
      facts,
    );
  }
}

const EMPTY_MESSAGE = { type: "AgentMessage", id: "", content: [] } as const;
const EMPTY_REASONING = { type: "Reasoning", id: "", summary_text: [], raw_content: [] } as const;

/** The item when it begins: there is no image yet. */
function begun(item: TurnItem & { readonly id: string }): TurnItem & { readonly id: string } {
  if (item.type !== "ImageGeneration") return item;
  return { type: item.type, id: item.id, status: "in_progress", result: "" };
}

/** The item as a turn shows it; `undefined` for those that are shown otherwise, or not at all. */
function shownItem(item: ResponseItem): (TurnItem & { readonly id: string }) | undefined {
  if (item.type === "message" && item.role === "assistant") {
    const { id = "", phase } = item;
    return { type: "AgentMessage", id, content: textsOf(item), ...(phase && { phase }) };
  }
  if (item.type === "reasoning") {
    return {
      type: "Reasoning",
      id: item.id ?? "",
      summary_text: item.summary.map((part) => part.text),
      raw_content: (item.content ?? []).map((part) => part.text),
    };
  }
  if (item.type === "web_search_call") return webSearchItem(item);
  return undefined;
}

function textsOf(item: Extract<ResponseItem, { readonly type: "message" }>): readonly {
  readonly type: "Text";
  readonly text: string;
}[] {
  return item.content
    .filter((part) => part.type !== "input_image")
    .map(({ text }) => ({ type: "Text" as const, text }));
}
