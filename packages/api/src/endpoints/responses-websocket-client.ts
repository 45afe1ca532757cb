import { randomUUID } from "node:crypto";
import { notify } from "../observe/notify.ts";
import { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { AnyApiError } from "../errors.ts";
import { RequestBuildError } from "../errors.ts";
import { captureTurnState } from "../events/header-events.ts";
import { HeaderBag } from "../headers/header-bag.ts";
import { errorRequestId, streamRequestId } from "../headers/upstream-request-id.ts";
import { httpStatusError } from "../http/http-error.ts";
import { requestError } from "../http/request-error.ts";
import { providerSecretNames, refuseFramingHeaders } from "../headers/request-headers.ts";
import { bodyText } from "../http/response-body.ts";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext, withObserver } from "../http/transport-context.ts";
import type { Network } from "../network/network.ts";
import type { TransportObserver } from "../observe/observer.ts";
import { providerWebSocketUrl } from "../provider/provider-url.ts";
import { redactHeaders, redactUrl } from "../observe/redaction.ts";
import { attemptSecrets } from "../secrets/attempt-secrets.ts";
import { setCookieSecrets } from "../secrets/request-secrets.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import type { TurnState } from "../headers/turn-state.ts";
import { ResponsesWebSocketConnection } from "../websocket/connection.ts";
import { readHandshake } from "../websocket/handshake.ts";
import type { OpenSocketResult } from "../websocket/open-socket.ts";

/** Default for the whole handshake, in milliseconds. */
const DEFAULT_CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_MAX_EVENT_BYTES = 64 * 1024 * 1024;

/** Options of {@link ResponsesWebSocketClient}. */
export interface ResponsesWebSocketClientOptions extends ClientOptions {
  /** Proxies and certificate authorities. Default: a direct connection that trusts what Node trusts. */
  readonly network?:
    | Pick<Network, "proxyFor" | "certificateAuthorities" | "certificateProblem">
    | undefined;
  /** Longest time for the whole handshake, in milliseconds. Default 15000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Largest message. Default 64 MiB. */
  readonly maxEventBytes?: number | undefined;
}

/** Options of one connection. */
export interface ConnectOptions {
  /** Extra headers of the handshake, `openai-beta` among them; they override the provider's. */
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  /** Receives `x-codex-turn-state` of the handshake. */
  readonly turnState?: TurnState | undefined;
  /** Sees this handshake and the requests on the connection, after the client's own observer. */
  readonly observer?: TransportObserver | undefined;
  /** Aborting rejects with the signal's reason and closes the socket at once. Without effect on an open connection. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens WebSocket connections to the Responses API. Retries and the choice between transports are the caller's. */
export class ResponsesWebSocketClient {
  readonly #context: TransportContext;
  readonly #network: ResponsesWebSocketClientOptions["network"];
  readonly #connectTimeoutMs: number;
  readonly #maxEventBytes: number;

  constructor(options: ResponsesWebSocketClientOptions) {
    this.#context = transportContext(options);
    this.#network = options.network;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
    this.#maxEventBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  }

  /**
   * One handshake. A refusal rejects with `HttpStatusError` that has status, headers and body (426: use HTTP for good),
   * silence with `TimeoutError`, trouble on the way with `NetworkError` or `ProxyAuthenticationError`.
   */
  async connect(options: ConnectOptions = {}): Promise<ResponsesWebSocketConnection> {
    const context = withObserver(this.#context, options.observer);
    options.signal?.throwIfAborted();
    const request = this.#request(context, options.headers);
    const { headers, secretNames } = request;
    const { url } = request;
    const shownUrl = url?.href ?? context.provider.baseUrl;
    const secrets = attemptSecrets(context, {
      url: shownUrl,
      headers,
      secretNames,
      proxy: url && this.#network?.proxyFor(url),
    });
    const reporter = new AttemptReporter({
      observers: context.observers,
      now: context.now,
      facts: {
        transport: "websocket",
        endpoint: "handshake",
        attemptNumber: 0,
        method: "GET",
        url: secrets.scrub(redactUrl(shownUrl)),
        requestHeaders: redactHeaders(headers, { secrets, secretNames }),
        requestBytes: 0,
      },
      secrets,
    });
    const fail = (error: AnyApiError): never => {
      scrubError(error, secrets);
      reporter.ended("failed", { willRetry: false, reason: "not_retryable" }, error);
      throw error;
    };
    if (url === undefined) return fail(request.error);
    reporter.authenticated();
    const opening = this.#open(url, headers, reporter, options.signal);
    const result = await opening.catch((reason: unknown) => {
      reporter.ended("cancelled", { willRetry: false, reason: "cancelled" });
      throw reason;
    });
    if ("error" in result) return fail(result.error);
    if ("refusal" in result) {
      const { status, headers: responseHeaders, body } = result.refusal;
      return fail(
        httpStatusError({
          status,
          url: url.href,
          headers: responseHeaders,
          upstreamRequestId: reporter.upstreamRequestId,
          bodyText: bodyText(body),
          secrets,
          nowMs: context.now(),
          maxRetryAfterMs: context.maxRetryAfterMs,
        }),
      );
    }
    const connectionId = randomUUID();
    reporter.opened(connectionId);
    reporter.ended("completed", { willRetry: false, reason: "not_needed" });
    captureTurnState(result.headers, options.turnState);
    const handshake = readHandshake(result.headers, {
      requestId: reporter.upstreamRequestId,
      extensions: result.socket.extensions,
      secrets,
    });
    notify(context.observers, (observer) =>
      observer.onConnectionOpened?.({
        connectionId,
        attemptId: reporter.attemptId,
        url: secrets.scrub(redactUrl(shownUrl)),
        upstreamRequestId: handshake.requestId,
        cfRay: handshake.cfRay,
        extensions: handshake.extensions,
        isProxied: this.#network?.proxyFor(url) !== undefined,
      }),
    );
    return new ResponsesWebSocketConnection({
      socket: result.socket,
      connectionError: result.connectionError,
      handshake,
      connectionId,
      context,
      url: url.href,
      secrets,
    });
  }

  /** The request as sent; without a URL it is not sent, for the reason in `problem`. */
  #request(
    context: TransportContext,
    extras: Iterable<readonly [string, string]> | undefined,
  ): HandshakeRequest {
    const headers = handshakeHeaders(context, extras);
    const secretNames = providerSecretNames(context.provider);
    const before = new Map(headers);
    try {
      context.auth.addAuthHeaders(headers);
      refuseFramingHeaders(headers, undefined);
      return { headers, secretNames, url: this.#url() };
    } catch (error) {
      return { headers, secretNames, url: undefined, error: requestError(error) };
    } finally {
      for (const [name, value] of headers) if (before.get(name) !== value) secretNames.add(name);
    }
  }

  async #open(
    url: URL,
    headers: HeaderBag,
    reporter: AttemptReporter,
    signal: AbortSignal | undefined,
  ): Promise<OpenSocketResult> {
    // Only now, because programs that stay with HTTP need not load a WebSocket implementation.
    const { openSocket } = await import("../websocket/open-socket.ts");
    return openSocket({
      url,
      headers,
      timeoutMs: this.#connectTimeoutMs,
      maxMessageBytes: this.#maxEventBytes,
      proxy: this.#network?.proxyFor(url),
      certificateAuthorities: this.#network?.certificateAuthorities,
      signal,
      watcher: {
        onConnected: () => {
          reporter.connected(false);
          reporter.sent();
        },
        onResponded: (status, responseHeaders) => {
          const requestId =
            status === 101 ? streamRequestId(responseHeaders) : errorRequestId(responseHeaders);
          reporter.secrets.addAll(setCookieSecrets(responseHeaders));
          reporter.responded(status, responseHeaders, requestId);
        },
        onReceived: (bytes) => reporter.received(bytes),
      },
    });
  }

  #url(): URL {
    const url = new URL(providerWebSocketUrl(this.#context.provider, "responses"));
    const problem = this.#network?.certificateProblem;
    if (problem !== undefined && url.protocol === "wss:") {
      throw new RequestBuildError(`failed to configure websocket TLS: ${problem.detail}`, {
        cause: problem,
      });
    }
    return url;
  }
}

type HandshakeRequest = {
  readonly headers: HeaderBag;
  readonly secretNames: ReadonlySet<string>;
} & ({ readonly url: URL } | { readonly url: undefined; readonly error: AnyApiError });

/** Provider, extras, client defaults; credentials come last. Source: docs/behavior/api.md 10.1. */
function handshakeHeaders(
  context: TransportContext,
  extras: Iterable<readonly [string, string]> | undefined,
): HeaderBag {
  const headers = new HeaderBag(context.provider.headers);
  for (const [name, value] of extras ?? []) headers.set(name, value);
  for (const [name, value] of context.clientHeaders) headers.setDefault(name, value);
  return headers;
}
