import type { MemoriesResult, MemoryTrace } from "@codex-ts/api";
import { newUuidV7 } from "@codex-ts/protocol";
import type { WindowId } from "@codex-ts/protocol";
import type {
  CompactedHistory,
  CompactionRequestOptions,
} from "../compaction/compaction-request.ts";
import { compactConversationHistory } from "../compaction/remote-requests.ts";
import { createResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { CodexResponsesMetadata, RequestKind } from "../metadata/metadata-snapshot.ts";
import { summarizeMemories } from "./memory-requests.ts";
import type { SummarizeMemoriesOptions } from "./memory-requests.ts";
import type { ModelClientOptions, RequestIdentity } from "./model-client-options.ts";
import type { ModelClientSession } from "./model-session.ts";
import { ModelTransport } from "./model-transport.ts";
import { TurnSession } from "./turn-session.ts";

/**
 * Talks to the model for one thread: it holds the identity of the thread, the window generation, and the state that
 * outlives a turn. Requests of a turn are sent by its sessions. Close it when the thread ends.
 * Source: docs/behavior/core.md 1.1, 1.2.
 */
export class ModelClient {
  /** The options it was created with. */
  readonly options: ModelClientOptions;
  readonly #transport: ModelTransport;
  #windowGeneration: number;
  #contextWindowId: string;

  constructor(options: ModelClientOptions) {
    this.options = options;
    this.#windowGeneration = options.windowGeneration ?? 0;
    this.#contextWindowId = options.contextWindowId ?? newUuidV7();
    this.#transport = new ModelTransport(options);
  }

  /** `<thread id>:<generation>`. */
  get windowId(): WindowId {
    return `${this.options.threadId}:${this.#windowGeneration}`;
  }

  /** UUIDv7 of the context window the next request belongs to. */
  get contextWindowId(): string {
    return this.#contextWindowId;
  }

  /** Call it when compacted history is installed: the next request has the next window and is sent in full. */
  advanceWindowGeneration(): void {
    this.setWindowGeneration(this.#windowGeneration + 1);
  }

  /** On resume: the number of compactions the session file holds. */
  setWindowGeneration(generation: number): void {
    if (generation === this.#windowGeneration) return;
    this.#windowGeneration = generation;
    this.#contextWindowId = newUuidV7();
  }

  /** Goes back to a window of before: later compactions were taken back. */
  useWindow(generation: number, contextWindowId: string | undefined): void {
    this.#windowGeneration = generation;
    this.#contextWindowId = contextWindowId ?? this.#contextWindowId;
  }

  /** Compactions so far: the count at the end of the window id. */
  get windowNumber(): number {
    return this.#windowGeneration;
  }

  /** True while requests go over WebSocket: the provider supports it, and the thread has not fallen back to HTTP. */
  get websocketsEnabled(): boolean {
    return this.#transport.fallback.websocketsEnabled;
  }

  /** The snapshot of a request that is dispatched now. */
  metadata<Kind extends RequestKind | undefined = undefined>(
    request: RequestIdentity & { readonly requestKind?: Kind },
  ): CodexResponsesMetadata<NoInfer<Kind>> {
    const { options } = this;
    return createResponsesMetadata({
      ...request,
      compatibility: options.compatibility,
      installationId: options.installationId,
      sessionId: options.sessionId,
      threadId: options.threadId,
      windowId: this.windowId,
      contextWindowId: this.#contextWindowId,
      historyInitialization:
        options.historyInitialization ??
        (options.forkedFromThreadId === undefined ? "new" : "warm_fork"),
      forkedFromThreadId: options.forkedFromThreadId,
      forkedFromOrdinal: options.forkedFromOrdinal,
      parentThreadId: options.parentThreadId,
      sessionSource: options.sessionSource,
      threadSource: options.threadSource,
      sandbox: request.sandbox ?? options.sandbox,
      sandboxMode: request.sandboxMode ?? options.sandboxMode,
      // Nothing here reviews, runs JavaScript or reports usage.
      autoReviewEnabled: false,
      nodeReplAutoReviewRequired: false,
      nodeReplDisabled: false,
      analyticsEnabled: options.analyticsEnabled ?? false,
      model: request.model ?? options.model.slug,
      reasoningEffort:
        request.reasoningEffort ?? options.reasoningEffort ?? options.model.default_reasoning_level,
    });
  }

  /** A session for one turn. Makes no connection; close it when the turn ends. */
  newSession(): ModelClientSession {
    return new TurnSession(this.#transport);
  }

  /**
   * Remote compaction v1, `POST /responses/compact`: returns the history that replaces the prompt's input. Empty input
   * makes no request. Rejects with the error of the request. Source: docs/behavior/core.md 1.11.
   */
  async compactConversationHistory(
    options: CompactionRequestOptions<"responses_compact">,
  ): Promise<CompactedHistory> {
    return compactConversationHistory(this.#transport, options);
  }

  /**
   * Summarizes recorded sessions: returns one summary per trace, in order. An empty list needs no request and no
   * credentials. Rejects with the error of the request. Source: docs/behavior/core.md 1.11.
   */
  async summarizeMemories(
    traces: readonly MemoryTrace[],
    options: SummarizeMemoriesOptions = {},
  ): Promise<MemoriesResult> {
    return summarizeMemories(this.#transport, traces, options);
  }

  /** Closes the connection, if there is one. Safe to call twice. */
  async close(): Promise<void> {
    await this.#transport.close();
  }
}
