import type { ResponseItem } from "@codex-ts/protocol";

/** A message for an agent that has not read it yet. */
export interface AgentMail {
  /** The message as it enters history. */
  readonly item: ResponseItem;
  /** The kinds of its parts, of a message that no agent has written. */
  readonly contentKinds?: readonly string[] | undefined;
  readonly author: string;
  readonly recipient: string;
  readonly text: string;
  /** Whether a model wrote the text, which then only a model is to read. */
  readonly isOfModel: boolean;
  /** Whether an agent that is idle begins a turn because of it. */
  readonly triggersTurn: boolean;
  /** The turn that caused the message. */
  readonly cause: TurnCause;
}

/** The turn because of which something happens. */
export interface TurnCause {
  readonly turnId: string;
  /** Turn of the root thread behind it. */
  readonly rootTurnId: string;
}

/** Messages for one agent, in the order they came. */
export class Mailbox {
  readonly #mail: { readonly mail: AgentMail; readonly number: number }[] = [];
  readonly #listeners = new Set<() => void>();
  #arrived = 0;

  /** How many messages have ever come: what is given to `take` as a limit. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Whether one waits, of the first `limit` that ever came. */
  has(limit: number = Infinity): boolean {
    return this.#mail.some(({ number }) => number <= limit);
  }

  /** Whether one waits that came after the first `count`. */
  hasAfter(count: number): boolean {
    return this.#mail.some(({ number }) => number > count);
  }

  /** The first message that waits and triggers a turn. */
  get trigger(): AgentMail | undefined {
    return this.#mail.find(({ mail }) => mail.triggersTurn)?.mail;
  }

  push(mail: AgentMail): void {
    this.#arrived += 1;
    this.#mail.push({ mail, number: this.#arrived });
    for (const listener of this.#listeners) listener();
  }

  /** Takes out what waits, of the first `limit` messages that ever came. */
  take(limit: number = Infinity): readonly AgentMail[] {
    const count = this.#mail.findIndex(({ number }) => number > limit);
    return this.#mail.splice(0, count === -1 ? this.#mail.length : count).map(({ mail }) => mail);
  }

  /** Calls the listener when a message comes; returns the function that ends it. */
  onArrival(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
