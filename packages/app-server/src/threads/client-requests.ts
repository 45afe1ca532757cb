import type { ThreadEvent } from "@codex-ts/core";
import type { RequestId } from "../connection/message.ts";
import type { ClientSession } from "./session.ts";

/** A question to a client on behalf of a thread. */
interface Question<Reply> {
  readonly threadId: string;
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
  readonly #running = new Set<string>();
  /** Questions that were left, by thread: the client reads that they are over when it has read that of the turn. */
  readonly #left = new Map<string, RequestId[]>();

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Rejects when the client refuses, with what `read` throws, and with the reason of `signal`. */
  async ask<Reply>(question: Question<Reply>): Promise<Reply> {
    const { threadId, method, params, read, signal } = question;
    signal.throwIfAborted();
    const { connection } = this.#session;
    const { id, answer } = connection.ask(method, params);
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      connection.forget(id);
      this.#leave(threadId, id);
      left.reject(signal.reason as Error);
    };
    const reply = async (): Promise<Reply> => {
      try {
        return await read(await answer);
      } finally {
        // The threads of a client that is gone are being closed.
        if (connection.closed.aborted) await left.promise;
      }
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([reply(), left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      if (!signal.aborted) this.#notifyResolved(threadId, id);
    }
  }

  /** To be called with every event of the threads, after its notifications. */
  note(threadId: string, { type }: ThreadEvent): void {
    if (type === "task_started" || type === "review_entered") this.#running.add(threadId);
    if (type !== "task_complete" && type !== "turn_aborted") return;
    this.#running.delete(threadId);
    for (const id of this.#left.get(threadId) ?? []) this.#notifyResolved(threadId, id);
    this.#left.delete(threadId);
  }

  #leave(threadId: string, id: RequestId): void {
    if (this.#running.has(threadId)) {
      this.#left.set(threadId, [...(this.#left.get(threadId) ?? []), id]);
    } else this.#notifyResolved(threadId, id);
  }

  #notifyResolved(threadId: string, requestId: RequestId): void {
    this.#session.notify({ method: "serverRequest/resolved", params: { threadId, requestId } });
  }
}
