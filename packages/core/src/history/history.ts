import type { ResponseItem } from "@codex-ts/protocol";
import { toStoredItem, withOwnId } from "./item-identity.ts";
import type { ItemOrigin } from "./item-identity.ts";
import { completePairs } from "./pair-calls.ts";
import { replaceImages } from "./replace-images.ts";
import { isToolOutput } from "./tool-output.ts";
import { truncateOutput } from "./truncate-output.ts";
import { storedBudget } from "./truncate.ts";
import type { OutputBudget } from "./truncate.ts";

/** Facts of a model that decide how a prompt is made from history. */
export interface PromptLimits {
  readonly supportsImages: boolean;
}

/**
 * The items of a thread in the order they happened: what the model has seen and said.
 *
 * Items are never changed in place. In a thread that identifies its items each has an id from the moment it enters, and
 * facts about where it comes from; else an item from a response is kept as the object the response had.
 */
export class History {
  readonly #items: ResponseItem[] = [];
  #outputBudget: OutputBudget;
  readonly #identifiedThreadId: string | undefined;

  constructor(
    outputBudget: OutputBudget,
    options: {
      /**
       * Id of the thread, from which some ids of items are made; every item gets an id then. Default: items stay as
       * they are.
       */
      readonly identifiedThreadId?: string | undefined;
    } = {},
  ) {
    this.#outputBudget = storedBudget(outputBudget);
    this.#identifiedThreadId = options.identifiedThreadId;
  }

  /** Outputs recorded from now on are for another model. */
  limitOutputs(outputBudget: OutputBudget): void {
    this.#outputBudget = storedBudget(outputBudget);
  }

  /** The items as recorded. */
  get items(): readonly ResponseItem[] {
    return this.#items;
  }

  /** Adds an item and returns it as stored; `undefined` for kinds that are not kept. */
  record(item: ResponseItem, origin?: ItemOrigin): ResponseItem | undefined {
    if (!isKept(item)) return undefined;
    const limited = this.#limited(item);
    const isIdentified = this.#identifiedThreadId !== undefined && origin !== undefined;
    const stored = isIdentified ? toStoredItem(limited, origin) : limited;
    this.#items.push(stored);
    return stored;
  }

  /** Puts other items in the place of everything so far, as a compaction does. */
  replace(items: readonly ResponseItem[]): void {
    this.#items.splice(0, this.#items.length, ...items);
  }

  /** Begins with the items of a thread that goes on; where they come from is not known of them. */
  restore(items: readonly ResponseItem[]): void {
    this.replace(this.#identifiedThreadId === undefined ? items : items.map(withOwnId));
  }

  /** The items as the next request shows them: every call has its output, every output its call. */
  forPrompt(limits: PromptLimits): readonly ResponseItem[] {
    const paired = completePairs(this.#items, this.#identifiedThreadId);
    return limits.supportsImages ? paired : paired.map((item) => replaceImages(item));
  }

  /** A text within the budget of tool outputs. */
  shortened(text: string): string {
    const output = truncateOutput(text, this.#outputBudget);
    return typeof output === "string" ? output : text;
  }

  /** The form in which an item is kept that enters as a part of other history; see `record`. */
  identify(item: ResponseItem, origin: ItemOrigin): ResponseItem {
    return this.#identifiedThreadId === undefined ? item : toStoredItem(item, origin);
  }

  /** Puts a note in the place of the images of the last tool output; false when it has none. */
  dropImagesOfLastOutput(): boolean {
    const index = this.#items.findLastIndex(isToolOutput);
    const item = this.#items[index];
    if (item === undefined || !isToolOutput(item) || typeof item.output === "string") return false;
    if (!item.output.some((part) => part.type === "input_image")) return false;
    this.#items[index] = replaceImages(item, "Invalid image");
    return true;
  }

  #limited(item: ResponseItem): ResponseItem {
    if (!isToolOutput(item)) return item;
    const output = truncateOutput(item.output, this.#outputBudget);
    return output === item.output ? item : { ...item, output };
  }
}

function isKept(item: ResponseItem): boolean {
  if (item.type === "message") return item.role !== "system";
  return item.type !== "compaction_trigger" && item.type !== "other";
}
