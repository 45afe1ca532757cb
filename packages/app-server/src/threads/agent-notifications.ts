import type { AgentIdentity, ThreadEvent } from "@codex-ts/core";
import type { Generation } from "../wire/generation.ts";
import { TurnNotifications } from "./turn-notifications.ts";
import type { Notification } from "./turn-notifications.ts";

/** Facts that the notifications of all these threads share. */
interface SharedFacts {
  readonly generation: Generation;
  readonly now: () => number;
  readonly notify: (notification: Notification) => void;
  /** Aborted when the client has left: it is not notified of the agents that end with it. */
  readonly left: AbortSignal;
}

/** The notifications about a thread and the agents that it and they have started. */
export class AgentNotifications {
  readonly #facts: SharedFacts;
  /** By thread id. */
  readonly #threads = new Map<string, TurnNotifications>();

  constructor(facts: SharedFacts) {
    this.#facts = facts;
  }

  of(threadId: string): TurnNotifications | undefined {
    return this.#threads.get(threadId);
  }

  /** The notifications of the thread that a client has asked for. */
  root(threadId: string): TurnNotifications {
    const notifications = new TurnNotifications({ ...this.#facts, threadId });
    this.#threads.set(threadId, notifications);
    return notifications;
  }

  /** Notifies of everything that happens in the thread of an agent. */
  listen({ threadId }: AgentIdentity): (event: ThreadEvent) => void {
    const notifications = new TurnNotifications({ ...this.#facts, threadId, isAgent: true });
    this.#threads.set(threadId, notifications);
    return (event) => {
      if (event.type !== "shutdown_complete" || !this.#facts.left.aborted) {
        this.#notify(notifications.of(event));
      }
      if (event.type === "agent_result") {
        const parent = this.#threads.get(event.msg.parent_thread_id);
        this.#notify(parent?.agentEnded(event, threadId) ?? []);
      }
      if (event.type === "shutdown_complete") this.#threads.delete(threadId);
    };
  }

  #notify(notifications: readonly Notification[]): void {
    for (const notification of notifications) this.#facts.notify(notification);
  }
}
