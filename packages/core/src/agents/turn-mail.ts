import type { ResponseItem } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { AgentMail, Mailbox } from "./mailbox.ts";

/**
 * The messages of its agent's mailbox that a turn reads, and when. A message is read with the next request; after a final answer it
 * waits for the next turn, unless it was there before this one began.
 *
 * Source: runs of 0.140 and 0.171.
 */
export class TurnMail {
  readonly #mailbox: Mailbox | undefined;
  readonly #form: CompatibilityProfile["agents"];
  /** Messages up to this one were there when the turn began. */
  readonly #early: number;
  #hasAnswered = false;

  constructor(mailbox: Mailbox | undefined, form: CompatibilityProfile["agents"]) {
    this.#mailbox = mailbox;
    this.#form = form;
    this.#early = mailbox?.arrived ?? 0;
  }

  /**
   * Takes in an item of the response that streams. True: the rest of it is not to be waited for, because a message has
   * come since the turn began and the model has said nothing final.
   */
  note(item: ResponseItem): boolean {
    if (this.#mailbox === undefined) return false;
    if (isCall(item)) this.#hasAnswered = false;
    if (isFinalAnswer(item)) this.#hasAnswered = true;
    return isInterim(item) && this.#mailbox.hasAfter(this.#early);
  }

  /** The user has said more: there is no final answer yet. */
  reopen(): void {
    this.#hasAnswered = false;
  }

  /** Whether the model has to be asked again because of a message. */
  get asksAgain(): boolean {
    if (this.#hasAnswered && this.#form.earlyMailAfterAnswer === "is_recorded") return false;
    return this.#mailbox?.has(this.#limit) === true;
  }

  /** The messages for the next request, or those a turn that ends leaves in history. */
  take(): readonly AgentMail[] {
    return this.#mailbox?.take(this.#limit) ?? [];
  }

  get #limit(): number {
    return this.#hasAnswered ? this.#early : Infinity;
  }
}

function isCall({ type }: ResponseItem): boolean {
  return type === "function_call" || type === "custom_tool_call" || type === "tool_search_call";
}

function isFinalAnswer(item: ResponseItem): boolean {
  return item.type === "message" && item.role === "assistant" && item.phase !== "commentary";
}

function isInterim(item: ResponseItem): boolean {
  if (item.type === "message") return item.role === "assistant" && item.phase === "commentary";
  return item.type === "reasoning";
}
