import type { ConnectionEnd, ResponseCreateFrame, RetryDecision } from "@codex-ts/protocol";
import type { RawData, WebSocket } from "ws";
import { abortable } from "../internal/abortable.ts";
import { bodyFacts } from "../endpoints/body-facts.ts";
import type { AttemptFacts } from "../observe/attempt-reporter.ts";
import { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { Instant } from "../observe/instant.ts";
import { instant } from "../observe/instant.ts";
import { notify } from "../observe/notify.ts";
import { ApiError, StreamError } from "../errors.ts";
import { oneLineOf } from "../events/server-words.ts";
import type { TransportContext } from "../http/transport-context.ts";
import { withObserver } from "../http/transport-context.ts";
import type { TransportObserver } from "../observe/observer.ts";
import { isAzureProvider } from "../provider/provider-url.ts";
import { redactUrl } from "../observe/redaction.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import type { ResponseStream } from "../stream/response-stream.ts";
import type { TurnState } from "../headers/turn-state.ts";
import type { WebSocketHandshake } from "./handshake.ts";
import type { WebSocketClose } from "./message-exchange.ts";
import { MessageExchange, NO_CLOSE_FRAME, closeText } from "./message-exchange.ts";
import { serializeRequestFrame } from "./request-frame.ts";

/** Options of one request on a connection. */
export interface FrameOptions {
  /** Receives routing state that arrives inside the stream. */
  readonly turnState?: TurnState | undefined;
  /** Sees this request, after the client's own observer. */
  readonly observer?: TransportObserver | undefined;
  /** Aborting rejects with the signal's reason and drops the connection at once. */
  readonly signal?: AbortSignal | undefined;
}

export type { WebSocketClose } from "./message-exchange.ts";

const NOT_SENT: RetryDecision = { willRetry: false, reason: "not_retryable" };

/** How long the server may take to complete a closing handshake. */
const CLOSE_GRACE_MS = 1000;

/** How much of a response is read for the sake of the closing handshake that comes behind it: as much as is queued. */
const MAX_BYTES_WHILE_CLOSING = 8 * 1024 * 1024;

/**
 * One open WebSocket connection. Serves one request at a time; further ones wait for their turn. After any error, and
 * when a consumer leaves early, it is dropped without a closing handshake: connect anew and send the whole request.
 */
export class ResponsesWebSocketConnection implements AsyncDisposable {
  readonly handshake: WebSocketHandshake;
  /** Names the connection in the reports of observers. */
  readonly connectionId: string;
  readonly #socket: WebSocket;
  readonly #connectionError: { readonly current: Error | undefined };
  readonly #context: TransportContext;
  readonly #url: string;
  readonly #secrets: SecretSet;
  readonly #openedAt = performance.now();
  readonly #closed = Promise.withResolvers<WebSocketClose>();
  #exchange: MessageExchange | undefined;
  /** Settles when the requests accepted so far are over. */
  #free: Promise<void> = Promise.resolve();
  #requests = 0;
  #bytesWhileClosing = 0;
  #close: WebSocketClose | undefined;
  /** This side has begun to end it. */
  #isLeaving = false;
  /** When the last frame came or went. */
  #activeAt = performance.now();
  #socketError: Error | undefined;

  /** @internal */
  constructor(options: {
    readonly socket: WebSocket;
    readonly connectionError: { readonly current: Error | undefined };
    readonly handshake: WebSocketHandshake;
    readonly connectionId: string;
    readonly context: TransportContext;
    readonly url: string;
    /** Credentials of the handshake. */
    readonly secrets: SecretSet;
  }) {
    this.handshake = options.handshake;
    this.connectionId = options.connectionId;
    this.#socket = options.socket;
    this.#connectionError = options.connectionError;
    this.#context = options.context;
    this.#url = options.secrets.scrub(redactUrl(options.url));
    this.#secrets = options.secrets;
    this.#listen();
  }

  /** False once the connection is closing, closed or dropped. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Resolves when the connection is closed, by whomever. */
  get whenClosed(): Promise<WebSocketClose> {
    return this.#closed.promise;
  }

  /** Close code received, 1006 for an end without a close frame; `undefined` while open. */
  get closeCode(): number | undefined {
    return this.#close?.code;
  }

  /**
   * Sends one `response.create` frame, when the requests before it are over, and resolves with its stream, which never
   * has an `upstreamRequestId`. Rejects with a `StreamError` when the connection is closed, or with the signal's reason.
   */
  async stream(frame: ResponseCreateFrame, options: FrameOptions = {}): Promise<ResponseStream> {
    const context = withObserver(this.#context, options.observer);
    const queuedAt = instant(context.now);
    const before = this.#free;
    const turn = Promise.withResolvers<void>();
    this.#free = before.then(() => turn.promise);
    try {
      await abortable(before, options.signal);
      options.signal?.throwIfAborted();
      if (!this.isOpen) throw this.#closedError();
    } catch (error) {
      turn.resolve();
      const reporter = this.#makeReporter(context, queuedAt);
      if (ApiError.is(error)) reporter.ended("failed", NOT_SENT, error);
      else reporter.ended("cancelled", { willRetry: false, reason: "cancelled" });
      throw error;
    }
    try {
      return this.#send(context, queuedAt, frame, options, turn.resolve);
    } catch (error) {
      turn.resolve();
      throw error;
    }
  }

  /**
   * Closes the connection with a closing handshake, or drops it when the server does not respond or goes on sending.
   */
  async close(): Promise<void> {
    this.#isLeaving = true;
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    this.#socket.close(1000);
    // A paused socket would never see the answer.
    this.#socket.resume();
    await this.#closed.promise;
    clearTimeout(timer);
  }

  /** Drops the connection at once. */
  terminate(): void {
    this.#isLeaving = true;
    this.#socket.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closedError(): StreamError {
    const message = "websocket connection is closed";
    const { code, reason } = this.#close ?? { code: NO_CLOSE_FRAME, reason: "" };
    if (code === NO_CLOSE_FRAME) {
      return new StreamError(message, { reason: "connection_closed", closeCode: this.closeCode });
    }
    const closeReason = oneLineOf(reason);
    return new StreamError(`${message} (${closeText(code, closeReason)})`, {
      reason: "connection_closed",
      closeCode: code,
      closeReason,
    });
  }

  #makeReporter(
    context: TransportContext,
    queuedAt: Instant,
    sent: Pick<AttemptFacts, "position" | "requestBody" | "requestBytes"> = { requestBytes: 0 },
  ): AttemptReporter {
    return new AttemptReporter({
      observers: context.observers,
      now: context.now,
      queuedAt,
      facts: {
        ...sent,
        transport: "websocket",
        endpoint: "responses",
        attemptNumber: 0,
        method: "response.create",
        url: this.#url,
        requestHeaders: [],
        connectionId: this.connectionId,
      },
      secrets: this.#secrets,
    });
  }

  #send(
    context: TransportContext,
    queuedAt: Instant,
    frame: ResponseCreateFrame,
    options: FrameOptions,
    done: () => void,
  ): ResponseStream {
    const { provider, errorPolicy: policy, maxRetryAfterMs, now } = context;
    const json = serializeRequestFrame(frame, {
      azure: isAzureProvider(provider),
      format: context.requestFormat,
      sentAtMs: now(),
    });
    const position = this.#requests + 1;
    const reporter = this.#makeReporter(context, queuedAt, {
      position,
      requestBytes: json.length,
      requestBody: context.observers.length > 0 ? bodyFacts(json, "identity", frame)() : undefined,
    });
    reporter.connected(this.#requests > 0);
    this.#requests = position;
    const exchange = new MessageExchange({
      handshake: this.handshake,
      url: this.#url,
      reporter,
      errors: { policy, maxRetryAfterMs, now, secrets: this.#secrets },
      idleTimeoutMs: provider.streamIdleTimeoutMs,
      firstEventTimeoutMs: provider.firstResponseTimeoutMs,
      turnState: options.turnState,
      signal: options.signal,
      pause: () => {
        // While it closes, the rest must be read: the server's answer comes behind it.
        if (this.isOpen) this.#socket.pause();
      },
      resume: () => this.#socket.resume(),
      drop: () => this.terminate(),
      done: () => {
        if (this.#exchange === exchange) this.#exchange = undefined;
        done();
      },
    });
    this.#exchange = exchange;
    // What goes wrong with writing also ends the socket, which reports it.
    this.#socket.send(json, { binary: false }, () => reporter.sent());
    this.#activeAt = performance.now();
    return exchange.stream;
  }

  /** Without back-pressure a server that goes on instead of closing would fill the queue; one large message may do. */
  #countWhileClosing(bytes: number): void {
    if (this.#bytesWhileClosing > MAX_BYTES_WHILE_CLOSING) this.#socket.terminate();
    this.#bytesWhileClosing += bytes;
  }

  /** This side sends the close frame after an error of the protocol. */
  #endedBy(code: number): ConnectionEnd {
    if (this.#isLeaving) return "client";
    if (code === NO_CLOSE_FRAME) return "network";
    return this.#socketError === undefined ? "server" : "client";
  }

  #reportClosed({ code, reason, by }: WebSocketClose): void {
    const closedAt = performance.now();
    notify(this.#context.observers, (observer) =>
      observer.onConnectionClosed?.({
        connectionId: this.connectionId,
        closeCode: code,
        closeReason: oneLineOf(reason),
        closedBy: by,
        requestCount: this.#requests,
        ageMs: Math.round(closedAt - this.#openedAt),
        idleMs: Math.round(closedAt - this.#activeAt),
      }),
    );
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("message", (data: RawData, isBinary: boolean) => {
      const bytes = bytesOf(data);
      this.#activeAt = performance.now();
      if (!this.isOpen) this.#countWhileClosing(bytes.length);
      // Between requests nobody is there to read.
      if (isBinary) this.#exchange?.onBinary();
      else this.#exchange?.onText(bytes.toString("utf8"), bytes.length);
    });
    socket.on("error", (error) => {
      this.#socketError ??= error;
    });
    socket.on("close", (code, reason) => {
      // A server may have cut it: a reason has at most 123 bytes.
      const close = {
        code,
        reason: this.#secrets.scrubBeginning(reason.toString("utf8")),
        by: this.#endedBy(code),
      };
      this.#close = close;
      const exchange = this.#exchange;
      const error = this.#socketError ?? this.#connectionError.current;
      if (error === undefined) exchange?.onClosed(close);
      else exchange?.onSocketError(error, close);
      this.#reportClosed(close);
      this.#closed.resolve(close);
    });
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
