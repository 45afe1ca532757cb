import type { ResponseItem } from "@codex-ts/protocol";
import { completePairs } from "./pair-calls.ts";
import { replaceImages } from "./replace-images.ts";
import { truncateOutput } from "./truncate-output.ts";
import { storedBudget } from "./truncate.ts";
import type { OutputBudget } from "./truncate.ts";

/** What of a model decides how a prompt is made from history. */
export interface PromptLimits {
  readonly supportsImages: boolean;
}

/**
 * The items of a thread in the order they happened: what the model has seen and said.
 *
 * Items are never changed in place; an item from a response is kept as the object the response had, because the trace
 * knows it by identity.
 */
export class History {
  readonly #items: ResponseItem[] = [];
  readonly #outputBudget: OutputBudget;

  constructor(outputBudget: OutputBudget) {
    this.#outputBudget = storedBudget(outputBudget);
  }

  /** The items as recorded. */
  get items(): readonly ResponseItem[] {
    return this.#items;
  }

  /** Adds an item and returns it as stored; `undefined` for kinds that are not kept. */
  record(item: ResponseItem): ResponseItem | undefined {
    if (!isKept(item)) return undefined;
    const stored = this.#limited(item);
    this.#items.push(stored);
    return stored;
  }

  /** Puts other items in the place of everything so far, as a compaction does. */
  replace(items: readonly ResponseItem[]): void {
    this.#items.splice(0, this.#items.length, ...items);
  }

  /** The items as the next request shows them: every call has its output, every output its call. */
  forPrompt(limits: PromptLimits): readonly ResponseItem[] {
    const paired = completePairs(this.#items);
    return limits.supportsImages ? paired : paired.map(replaceImages);
  }

  /** Texts of the last assistant message; `null` when there is none. */
  lastAgentMessage(): string | null {
    const last = this.#items.findLast(
      (item) => item.type === "message" && item.role === "assistant",
    );
    return last?.type === "message" ? messageText(last.content) : null;
  }

  #limited(item: ResponseItem): ResponseItem {
    if (item.type !== "function_call_output" && item.type !== "custom_tool_call_output")
      return item;
    const output = truncateOutput(item.output, this.#outputBudget);
    return output === item.output ? item : { ...item, output };
  }
}

/** Joins the texts of a message. */
export function messageText(
  content: readonly { readonly type: string; readonly text?: string }[],
): string {
  return content.map((part) => part.text ?? "").join("");
}

function isKept(item: ResponseItem): boolean {
  if (item.type === "message") return item.role !== "system";
  return item.type !== "compaction_trigger" && item.type !== "other";
}
