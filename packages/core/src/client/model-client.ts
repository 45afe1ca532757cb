import type { ClientOptions, ErrorPolicy, Network, TransportObserver } from "@codex-ts/api";
import { usesCodexBackend } from "@codex-ts/model-provider";
import type { ModelProvider } from "@codex-ts/model-provider";
import type { ModelInfo, SessionSource, WindowId } from "@codex-ts/protocol";
import type { HeaderList, RequestHeaderFacts } from "../metadata/projections.ts";
import { createResponsesMetadata } from "../metadata/responses-metadata.ts";
import type {
  CodexResponsesMetadata,
  ResponsesMetadataInit,
} from "../metadata/responses-metadata.ts";
import { subagentHeaders } from "../metadata/subagent.ts";
import type { ObserveTransport } from "./observe-transport.ts";
import { ModelClientSession } from "./model-session.ts";
import { WebSocketSession } from "./websocket-session.ts";

/** What a model client needs for the life of its thread. */
export interface ModelClientOptions {
  readonly provider: ModelProvider;
  readonly model: ModelInfo;
  readonly threadId: string;
  /** Default: `threadId`, as for a root thread. */
  readonly sessionId?: string | undefined;
  readonly installationId: string;
  readonly sessionSource: SessionSource;
  /** Default: the parent a spawned thread's source names. */
  readonly parentThreadId?: string | undefined;
  readonly forkedFromThreadId?: string | undefined;
  readonly threadSource?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly reasoningEffort?: string | undefined;
  readonly reasoningSummary?: "auto" | "concise" | "detailed" | "none" | undefined;
  readonly verbosity?: "low" | "medium" | "high" | undefined;
  readonly serviceTier?: string | undefined;
  /** Default: `threadId`. */
  readonly promptCacheKey?: string | undefined;
  /** Default none. */
  readonly betaFeatures?: readonly string[] | undefined;
  /** Compresses requests where the server is known to take it: OpenAI's own, with a ChatGPT login. Default true. */
  readonly requestCompression?: boolean | undefined;
  /** Asks a WebSocket server for timing events. Default false. */
  readonly includeTimingMetrics?: boolean | undefined;
  /** `originator` and `user-agent`. */
  readonly clientHeaders?: readonly (readonly [string, string])[] | undefined;
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /**
   * How this machine reaches the network, for HTTP and WebSocket alike: see `networkFromEnvironment` of the api package.
   * Stays open when the client is closed. Default: direct connections.
   */
  readonly network?: Network | undefined;
  /** undici dispatcher that carries HTTP requests. Default: that of `network`. */
  readonly dispatcher?: ClientOptions["dispatcher"];
  /** Asked once per request for somebody who sees its attempts on the wire. Default: nobody. */
  readonly observeTransport?: ObserveTransport | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** What one request adds to the identity the client knows. */
export type RequestIdentity = Pick<
  ResponsesMetadataInit,
  "turnId" | "requestKind" | "workspaces" | "turnStartedAtUnixMs" | "extra"
>;

/**
 * Talks to the model for one thread: it holds who asks, the window generation, and whatever outlives a turn. Requests
 * are sent by the turn-scoped sessions it makes. Source: core spec 1.1 and 1.2.
 */
export class ModelClient {
  readonly options: ModelClientOptions;
  #windowGeneration = 0;
  #websocketsDisabled = false;
  /** The connection between two turns. */
  #webSocket: WebSocketSession | undefined;
  readonly #closing: Promise<void>[] = [];
  #closed = false;
  #inferences = 0;

  constructor(options: ModelClientOptions) {
    this.options = options;
  }

  /** `<thread id>:<generation>`. */
  get windowId(): WindowId {
    return `${this.options.threadId}:${this.#windowGeneration}`;
  }

  /** True while requests go over WebSocket: the provider can, and nothing has turned the thread to HTTP. */
  get websocketsEnabled(): boolean {
    return this.options.provider.info.supportsWebsockets && !this.#websocketsDisabled;
  }

  get errorPolicy(): ErrorPolicy {
    return this.options.errorPolicy ?? "0.169";
  }

  get now(): () => number {
    return this.options.now ?? Date.now;
  }

  get promptCacheKey(): string {
    return this.options.promptCacheKey ?? this.options.threadId;
  }

  /** Whether requests carry an API key, as opposed to a login. */
  async usesApiKey(): Promise<boolean> {
    return (await this.options.provider.authMode?.()) === "apikey";
  }

  /** How the body of a sampling request is encoded. Source: core spec 1.9. */
  async compression(): Promise<"none" | "zstd"> {
    const { provider, requestCompression = true } = this.options;
    if (!requestCompression || provider.info.name !== "OpenAI") return "none";
    const mode = await provider.authMode?.();
    return mode !== undefined && usesCodexBackend(mode) ? "zstd" : "none";
  }

  /** What every client of the api package is made with, except provider and credentials. */
  get transport(): Omit<ClientOptions, "provider" | "auth"> {
    const { clientHeaders, network, now, random, sleep } = this.options;
    const dispatcher = this.options.dispatcher ?? network?.dispatcher;
    return { errorPolicy: this.errorPolicy, dispatcher, clientHeaders, now, random, sleep };
  }

  /** Who sees the attempts of one request. */
  observerOf(
    metadata: CodexResponsesMetadata | undefined,
    inferenceCallId?: string,
  ): TransportObserver | undefined {
    try {
      return this.options.observeTransport?.({
        inferenceCallId,
        turnId: metadata?.turnId,
        requestKind: metadata?.requestKind?.type,
      });
    } catch {
      // Somebody who only looks on must not be able to break a request.
      return undefined;
    }
  }

  /** To be called when compacted history is installed: the next request has the next window and is sent in full. */
  advanceWindowGeneration(): void {
    this.setWindowGeneration(this.#windowGeneration + 1);
  }

  /** On resume: the number of compactions the session file holds. */
  setWindowGeneration(generation: number): void {
    this.#windowGeneration = generation;
  }

  /** Sends everything over HTTP from now on. */
  disableWebsockets(): void {
    this.#websocketsDisabled = true;
  }

  /** The snapshot of a request that is dispatched now. */
  metadata(request: RequestIdentity): CodexResponsesMetadata {
    const { options } = this;
    return createResponsesMetadata({
      ...request,
      installationId: options.installationId,
      sessionId: options.sessionId,
      threadId: options.threadId,
      windowId: this.windowId,
      forkedFromThreadId: options.forkedFromThreadId,
      parentThreadId: options.parentThreadId,
      sessionSource: options.sessionSource,
      threadSource: options.threadSource,
      sandbox: options.sandbox,
    });
  }

  /** Headers that name the sub-agent that asks, and nothing else. */
  subagentHeaders(): (readonly [string, string])[] {
    return subagentHeaders(this.options.sessionSource);
  }

  /** A session for one turn. Makes no connection; close it when the turn ends. */
  newSession(): ModelClientSession {
    const webSocket = this.#webSocket ?? new WebSocketSession();
    this.#webSocket = undefined;
    return new ModelClientSession(this, webSocket);
  }

  /** Takes the connection of a turn back, for the next one. */
  returnWebSocket(webSocket: WebSocketSession): void {
    // Two sessions can be open at once; the connection that was used last is the one worth keeping.
    const replaced = this.#webSocket;
    this.#webSocket = webSocket;
    if (replaced !== undefined) this.#closing.push(replaced.close());
    if (this.#closed) this.#closing.push(webSocket.close());
  }

  /** Renders headers of a request with what the client adds to every one. */
  requestHeaders(
    project: (metadata: CodexResponsesMetadata, facts: RequestHeaderFacts) => HeaderList,
    metadata: CodexResponsesMetadata,
    facts: RequestHeaderFacts,
  ): HeaderList {
    return project(metadata, {
      betaFeatures: this.options.betaFeatures,
      responsesLite: this.options.model.use_responses_lite,
      includeTimingMetrics: this.options.includeTimingMetrics,
      ...facts,
    });
  }

  /** Closes the connection, if there is one. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#webSocket !== undefined) this.#closing.push(this.#webSocket.close());
    this.#webSocket = undefined;
    await Promise.all(this.#closing);
  }

  /** Counts the attempts of the thread, from 1. */
  nextInferenceOrdinal(): number {
    this.#inferences += 1;
    return this.#inferences;
  }
}
