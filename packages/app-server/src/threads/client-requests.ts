import type { ThreadEvent } from "@codex-ts/core";
import type { RequestId } from "../connection/message.ts";
import type { ClientSession } from "./session.ts";
import type { ActiveFlag, Notification, TurnNotifications } from "./turn-notifications.ts";

/** A question to a client on behalf of a thread. */
interface Question<Reply> {
  readonly threadId: string;
  /** The turn that waits for the reply, and whose end is the end of the question. */
  readonly turnId: string | undefined;
  /** The flag of the thread meanwhile, unless events of it say so. */
  readonly flag?: ActiveFlag;
  readonly method: string;
  readonly params: object;
  /** Throws where the result of the client is no reply. */
  readonly read: (result: unknown) => Reply | Promise<Reply>;
  /** Aborted when the reply is not needed any more. */
  readonly signal: AbortSignal;
}

/** The questions to a client on behalf of a thread and its agents, and when it reads that they are over. */
export class ClientRequests {
  readonly #session: ClientSession;
  readonly #shown: (threadId: string) => TurnNotifications | undefined;
  /** How to leave the questions of running turns, by thread. The client reads of the end of the turn first. */
  readonly #asked = new Map<string, Map<RequestId, (reason: unknown) => void>>();

  /** `shown`: the notifications of a thread. */
  constructor(session: ClientSession, shown: (threadId: string) => TurnNotifications | undefined) {
    this.#session = session;
    this.#shown = shown;
  }

  /** Rejects when the client refuses, with what `read` throws, and when the question is left. */
  async ask<Reply>(question: Question<Reply>): Promise<Reply> {
    const { threadId, turnId, flag, method, params, read, signal } = question;
    signal.throwIfAborted();
    const { connection } = this.#session;
    const shown = flag && this.#shown(threadId);
    if (flag !== undefined) this.#notify(shown?.waits(question, flag));
    const { id, answer } = connection.ask(method, params);
    const left = Promise.withResolvers<never>();
    let isLeft = false;
    const leave = (reason: unknown): void => {
      isLeft = true;
      connection.forget(id);
      left.reject(reason);
    };
    const abort = (): void => {
      leave(signal.reason);
      if (turnId === undefined) this.#notifyResolved(threadId, id);
    };
    const reply = async (): Promise<Reply> => {
      try {
        return await read(await answer);
      } finally {
        // The threads of a client that is gone are being closed.
        if (connection.closed.aborted) await left.promise;
      }
    };
    signal.addEventListener("abort", abort, { once: true });
    if (turnId !== undefined) this.#askedOf(threadId).set(id, leave);
    try {
      return await Promise.race([reply(), left.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      const changed = shown?.waitsNoMore(question);
      // The end of the turn is what tells a client that nobody waits for its user any more.
      if (!isLeft) {
        this.#askedOf(threadId).delete(id);
        this.#notifyResolved(threadId, id);
        this.#notify(changed);
      }
    }
  }

  /** To be called with every event of the threads, after its notifications. */
  note(threadId: string, { type }: ThreadEvent): void {
    if (type !== "task_complete" && type !== "turn_aborted") return;
    const asked = this.#asked.get(threadId) ?? [];
    this.#asked.delete(threadId);
    for (const [id, leave] of asked) {
      leave(new Error("the turn has ended"));
      this.#notifyResolved(threadId, id);
    }
  }

  #askedOf(threadId: string): Map<RequestId, (reason: unknown) => void> {
    const asked = this.#asked.get(threadId) ?? new Map<RequestId, (reason: unknown) => void>();
    this.#asked.set(threadId, asked);
    return asked;
  }

  #notifyResolved(threadId: string, requestId: RequestId): void {
    this.#session.notify({ method: "serverRequest/resolved", params: { threadId, requestId } });
  }

  #notify(notifications: readonly Notification[] = []): void {
    for (const notification of notifications) this.#session.notify(notification);
  }
}
