import {
  ApiError,
  ResponsesClient,
  ResponsesWebSocketClient,
  TurnState,
  isAzureProvider,
} from "@codex-ts/api";
import type { ApiProvider, AuthProvider, ResponsesWebSocketConnection } from "@codex-ts/api";
import { RecoveryScope } from "@codex-ts/model-provider";
import { InferenceAttempt } from "@codex-ts/rollout-trace/recorder";
import {
  httpRequestHeaders,
  webSocketClientMetadata,
  webSocketHandshakeHeaders,
} from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/responses-metadata.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import { AttemptParts } from "./attempt-parts.ts";
import type { SamplingRequest } from "./attempt-parts.ts";
import type { ModelClient } from "./model-client.ts";
import { firstAttemptOnly } from "./observe-transport.ts";
import { requestItemIds, wireInput } from "./request-builder.ts";
import type { WebSocketSession } from "./websocket-session.ts";

/**
 * Sends the requests of one turn: its retries and follow-ups share the routing state the server gave first, and the
 * WebSocket connection of the thread while the turn lasts.
 *
 * Source: core spec 1.1, 1.3, 1.5 to 1.7.
 */
export class ModelClientSession {
  readonly #client: ModelClient;
  readonly #parts: AttemptParts;
  readonly #turnState = new TurnState();
  readonly #recoveryScope = new RecoveryScope();
  #webSocket: WebSocketSession | undefined;
  /** Use `ModelClient.newSession`. */
  constructor(client: ModelClient, webSocket: WebSocketSession) {
    this.#client = client;
    this.#parts = new AttemptParts(client);
    this.#webSocket = webSocket;
  }

  /** `x-codex-turn-state` of the turn, once a server has given one. */
  get turnState(): string | undefined {
    return this.#turnState.value;
  }

  /**
   * Sends one request; resolves when the response has begun. An answer 401 is met with what the provider can do about
   * its credentials; each try is an attempt of its own in the trace. A server that wants no WebSocket (426) gets the
   * request over HTTP at once.
   *
   * Rejects with the error of the request, after it was recorded, or with the signal's reason.
   */
  async stream(request: SamplingRequest): Promise<MappedResponseStream> {
    return this.#withRecovery(request.signal, () =>
      this.#client.websocketsEnabled
        ? this.#streamOverWebSocket(request)
        : this.#streamOverHttp(request),
    );
  }

  /** Opens the connection of the next request, without a request. Does nothing over HTTP or when it is open. */
  async preconnectWebSocket(metadata: CodexResponsesMetadata, signal: AbortSignal): Promise<void> {
    if (!this.#client.websocketsEnabled || this.#socket.isOpen) return;
    await this.#withRecovery(signal, async () => {
      if (this.#client.websocketsEnabled) await this.#connection(metadata, signal);
    });
  }

  /**
   * Sends a request that generates nothing, so that the first real one can go on from it. Never recorded. Does nothing
   * over HTTP or when a request was sent already.
   */
  async prewarmWebSocket(request: SamplingRequest): Promise<void> {
    if (!this.#client.websocketsEnabled || this.#socket.hasRequest) return;
    const stream = await this.#withRecovery(request.signal, async () =>
      this.#client.websocketsEnabled
        ? this.#streamOverWebSocket(request, { warmUp: true })
        : undefined,
    );
    for await (const event of stream ?? []) if (event.type === "completed") break;
  }

  /**
   * Turns to HTTP for the rest of the thread. True for the call that does it, false when that is done already or
   * WebSockets were never in use.
   */
  async trySwitchFallbackTransport(): Promise<boolean> {
    if (!this.#client.websocketsEnabled) return false;
    this.#client.disableWebsockets();
    await this.#socket.close();
    return true;
  }

  /** Ends the turn's use of the client: the connection goes back for the next turn. */
  close(): void {
    if (this.#webSocket !== undefined) this.#client.returnWebSocket(this.#webSocket);
    this.#webSocket = undefined;
  }

  get #socket(): WebSocketSession {
    if (this.#webSocket === undefined) throw new TypeError("the session of this turn is closed");
    return this.#webSocket;
  }

  async #withRecovery<Result>(signal: AbortSignal, send: () => Promise<Result>): Promise<Result> {
    const { provider } = this.#client.options;
    const recovery = provider.unauthorizedRecovery?.({ scope: this.#recoveryScope });
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const status = statusOf(error);
        if (status === 426 && this.#client.websocketsEnabled) {
          this.#client.disableWebsockets();
        } else if (status === 401 && recovery?.hasNext() === true) {
          const { mode, phase } = recovery;
          await recovery.next(signal);
          this.#parts.noteRecovery({ mode, phase });
        } else throw error;
      }
    }
  }

  async #streamOverHttp(request: SamplingRequest): Promise<MappedResponseStream> {
    const { apiProvider, auth } = await this.#parts.credentials();
    const compression = await this.#client.compression();
    const span = await this.#parts.startSpan(request, "http", auth);
    const body = this.#parts.requestBody(request, apiProvider);
    const attempt = request.trace?.startAttempt() ?? InferenceAttempt.disabled();
    attempt.recordStarted(body, { itemIds: requestItemIds(isAzureProvider(apiProvider)) });
    const client = new ResponsesClient({ ...this.#client.transport, provider: apiProvider, auth });
    return this.#parts.recorded(request, attempt, span).run(() =>
      client.stream(body, {
        headers: [
          ...this.#client.requestHeaders(httpRequestHeaders, request.metadata, {
            turnState: this.#turnState.value,
            inferenceCallId: attempt.inferenceCallId,
          }),
          ...(span?.headers ?? []),
        ],
        turnState: this.#turnState,
        compression,
        observer: this.#client.observerOf(request.metadata, attempt.inferenceCallId),
        signal: request.signal,
      }),
    );
  }

  async #streamOverWebSocket(
    request: SamplingRequest,
    { warmUp }: { readonly warmUp: boolean } = { warmUp: false },
  ): Promise<MappedResponseStream> {
    const { connection, apiProvider, auth } = await this.#connection(
      request.metadata,
      request.signal,
    );
    const span = warmUp ? undefined : await this.#parts.startSpan(request, "websocket", auth);
    const body = this.#parts.requestBody(request, apiProvider);
    const { frame, recorded } = this.#socket.prepare(
      body,
      webSocketClientMetadata(request.metadata, {
        startUnixMs: this.#client.now(),
        responsesLite: this.#client.options.model.use_responses_lite,
        traceContext: span?.headers,
      }),
    );
    const attempt = warmUp
      ? InferenceAttempt.disabled()
      : (request.trace?.startAttempt() ?? InferenceAttempt.disabled());
    attempt.recordStarted(recorded, { itemIds: requestItemIds(isAzureProvider(apiProvider)) });
    const stream = await this.#parts.recorded(request, attempt, span).run(() =>
      connection.stream(warmUp ? { ...frame, generate: false } : frame, {
        turnState: this.#turnState,
        observer: this.#client.observerOf(request.metadata, attempt.inferenceCallId),
        signal: request.signal,
      }),
    );
    this.#socket.remember({
      request: body,
      lastResponse: stream.lastResponse,
      toInput: ({ itemsAdded }) => wireInput(itemsAdded, { azure: isAzureProvider(apiProvider) }),
      warmUp,
    });
    return stream;
  }

  async #connection(
    metadata: CodexResponsesMetadata,
    signal: AbortSignal,
  ): Promise<{
    readonly connection: ResponsesWebSocketConnection;
    readonly apiProvider: ApiProvider;
    readonly auth: AuthProvider;
  }> {
    const { apiProvider, auth } = await this.#parts.credentials();
    const connection = await this.#socket.connected(() =>
      new ResponsesWebSocketClient({
        ...this.#client.transport,
        provider: apiProvider,
        auth,
        network: this.#client.options.network,
        connectTimeoutMs: this.#client.options.provider.info.websocketConnectTimeoutMs,
      }).connect({
        headers: this.#client.requestHeaders(webSocketHandshakeHeaders, metadata, {
          turnState: this.#turnState.value,
        }),
        turnState: this.#turnState,
        observer: firstAttemptOnly(this.#client.observerOf(metadata)),
        signal,
      }),
    );
    return { connection, apiProvider, auth };
  }
}

function statusOf(error: unknown): number | undefined {
  return ApiError.is(error) && error.code === "http_status" ? error.status : undefined;
}
