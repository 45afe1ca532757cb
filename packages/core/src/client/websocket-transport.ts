import { ResponsesWebSocketClient, isAzureProvider } from "@codex-ts/api";
import type { AttemptEnded, ResponsesWebSocketConnection, TransportObserver } from "@codex-ts/api";
import { InferenceAttempt } from "@codex-ts/rollout-trace/recorder";
import { hasTelemetry } from "../attempt/inference-span.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import { webSocketClientMetadata, webSocketHandshakeHeaders } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import { combineObservers } from "./combine-observers.ts";
import type { AttemptTarget } from "./model-transport.ts";
import { firstAttemptOnly } from "./observe-transport.ts";
import { wireInput } from "./request-builder.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import type { TurnScope } from "./turn-scope.ts";
import type { WebSocketSession } from "./websocket-session.ts";

/** Attempts over WebSocket: `response.create` frames on the connection that the thread lends to this turn. */
export class WebSocketTransport {
  readonly #turn: TurnScope;
  #lent: WebSocketSession | undefined;
  /** Handshakes for the span of the next request, which is not there yet when they are made. */
  readonly #handshakes: AttemptEnded[] = [];

  constructor(turn: TurnScope) {
    this.#turn = turn;
    this.#lent = turn.transport.lendWebSocket();
  }

  /** True while a request can be sent without a handshake. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** True once a request was sent on the connection. */
  get hasRequest(): boolean {
    return this.#socket.hasRequest;
  }

  /** Returns the connection, for the next turn. */
  release(): void {
    if (this.#lent !== undefined) this.#turn.transport.returnWebSocket(this.#lent);
    this.#lent = undefined;
  }

  async closeConnection(): Promise<void> {
    await this.#socket.close();
  }

  /** Opens the connection unless it is open. Rejects with the error of the handshake. */
  async connect(
    metadata: CodexResponsesMetadata,
    signal: AbortSignal,
  ): Promise<{
    readonly connection: ResponsesWebSocketConnection;
    readonly target: AttemptTarget;
  }> {
    const { transport, turnState } = this.#turn;
    const target = await transport.target();
    const connection = await this.#socket.connected(() =>
      new ResponsesWebSocketClient({
        ...transport.clientOptions(target),
        network: transport.options.network,
        connectTimeoutMs: transport.options.provider.info.websocketConnectTimeoutMs,
      }).connect({
        headers: transport.requestHeaders(webSocketHandshakeHeaders, metadata, {
          turnState: turnState.value,
        }),
        turnState,
        observer: firstAttemptOnly(
          combineObservers([transport.observer(metadata), this.#handshakeKeeper()]),
        ),
        signal,
      }),
    );
    return { connection, target };
  }

  /** One attempt. A warm-up generates nothing, and has neither trace nor span. */
  async stream(
    request: SamplingRequest,
    { warmUp }: { readonly warmUp: boolean },
  ): Promise<MappedResponseStream> {
    const { transport, turnState, telemetry } = this.#turn;
    const { connection, target } = await this.connect(request.metadata, request.signal);
    const span = warmUp ? undefined : await telemetry.startSpan(request, "websocket", target);
    for (const handshake of this.#handshakes.splice(0)) span?.attempts.onAttemptEnded?.(handshake);
    const model = request.settings?.model ?? transport.options.model;
    const whole = transport.requestBody(request, target);
    const { frame, ...body } = this.#socket.prepare(
      whole,
      webSocketClientMetadata(request.metadata, {
        startUnixMs: transport.now(),
        responsesLite: model.use_responses_lite,
        traceContext: span?.headers,
      }),
    );
    const attempt = warmUp ? InferenceAttempt.disabled() : telemetry.start(request, body, target);
    const stream = await telemetry.run({ request, attempt, span }, () =>
      connection.stream(warmUp ? { ...frame, generate: false } : frame, {
        turnState,
        observer: combineObservers([
          transport.observer(request.metadata, {
            inferenceCallId: attempt.inferenceCallId,
            compactionRequestId: request.compactionRequestId,
          }),
          span?.attempts,
        ]),
        signal: request.signal,
      }),
    );
    const azure = isAzureProvider(target.apiProvider);
    this.#socket.remember({
      request: whole,
      lastResponse: stream.lastResponse,
      toInput: ({ itemsAdded }) => wireInput(itemsAdded, { azure, form: transport.form, model }),
      warmUp,
    });
    return stream;
  }

  #handshakeKeeper(): TransportObserver | undefined {
    if (!hasTelemetry()) return undefined;
    return { onAttemptEnded: (attempt) => void this.#handshakes.push(attempt) };
  }

  get #socket(): WebSocketSession {
    if (this.#lent === undefined) throw new TypeError("the session of this turn is closed");
    return this.#lent;
  }
}
