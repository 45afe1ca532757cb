import type { AppServerOptions, ClientInfo } from "../app-server-options.ts";
import type { Connection } from "../connection/connection.ts";
import { invalidRequest } from "../connection/rpc-error.ts";
import type { Generation } from "../wire/generation.ts";
import type { OpenThread } from "./open-thread.ts";
import type { Notification } from "./turn-notifications.ts";

/** A client that has introduced itself, and the threads that run for it. */
export class ClientSession {
  readonly options: AppServerOptions;
  readonly connection: Connection;
  readonly generation: Generation;
  readonly client: ClientInfo;
  /** Whether the client may use what Codex may still change. */
  readonly isExperimental: boolean;
  /** Methods of notifications the client does not want. */
  readonly #unwanted: ReadonlySet<string>;
  readonly #threads = new Map<string, OpenThread>();

  constructor(init: {
    readonly options: AppServerOptions;
    readonly connection: Connection;
    readonly client: ClientInfo;
    readonly unwanted: readonly string[];
    readonly isExperimental: boolean;
  }) {
    this.options = init.options;
    this.connection = init.connection;
    this.generation = init.options.compatibility ?? "0.171";
    this.client = init.client;
    this.isExperimental = init.isExperimental;
    this.#unwanted = new Set(init.unwanted);
  }

  get version(): string {
    return this.options.version ?? "0.0.0";
  }

  now(): number {
    return (this.options.now ?? Date.now)();
  }

  notify({ method, params }: Notification): void {
    if (this.#unwanted.has(method)) return;
    const time = this.generation === "0.171" ? { emittedAtMs: this.now() } : {};
    this.connection.notify(method, params, time);
  }

  /** Requests that open or close a thread announce what has become of it. */
  announceStatus(threadId: string, type: "idle" | "notLoaded"): void {
    this.notify({ method: "thread/status/changed", params: { threadId, status: { type } } });
  }

  /** Today's Codex asks clients to read long histories by parts. */
  warnOfFullHistory(way: "read" | "open"): void {
    if (this.generation === "0.140") return;
    const instead = "`thread/turns/list`";
    const advice =
      way === "read"
        ? `leave \`includeTurns\` out and page with ${instead}`
        : `set \`excludeTurns\` and page with ${instead}`;
    const summary = `All turns in one response are deprecated; ${advice}.`;
    this.notify({ method: "deprecationNotice", params: { summary, details: null } });
  }

  /** Which turns of these threads nobody has read; only today's Codex keeps that. */
  readStates(threadIds: readonly string[]): object {
    if (this.generation === "0.140") return {};
    const states = threadIds.flatMap((threadId) => {
      const readState = this.find(threadId)?.readState;
      return readState === undefined ? [] : [[threadId, readState] as const];
    });
    return { readStates: Object.fromEntries(states) };
  }

  get threads(): IterableIterator<OpenThread> {
    return this.#threads.values();
  }

  add(thread: OpenThread): void {
    this.#threads.set(thread.threadId, thread);
  }

  find(threadId: string): OpenThread | undefined {
    return this.#threads.get(threadId.toLowerCase());
  }

  /** Throws `RpcError` when this process does not run the thread. */
  get(threadId: string): OpenThread {
    const thread = this.find(threadId);
    if (thread !== undefined) return thread;
    throw invalidRequest(`thread not found: ${threadId}`);
  }

  /** Ends a thread: its turn is aborted, its commands are killed, its file is closed. */
  async closeThread(thread: OpenThread): Promise<void> {
    this.#threads.delete(thread.threadId);
    await thread.thread.close();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const threads = [...this.#threads.values()];
    this.#threads.clear();
    await Promise.allSettled(threads.map(({ thread }) => thread.close()));
  }
}
