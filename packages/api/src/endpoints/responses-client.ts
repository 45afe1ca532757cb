import type { ResponsesRequest } from "@codex-ts/protocol";
import { RequestBuildError } from "../errors.ts";
import { HeaderBag } from "../headers/header-bag.ts";
import { EventStreamBody } from "../stream/event-stream-body.ts";
import { layeredHeaders } from "../headers/request-headers.ts";
import { sendWithRetries } from "../http/send-with-retries.ts";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext, withObserver } from "../http/transport-context.ts";
import type { TransportObserver } from "../observe/observer.ts";
import { isAzureProvider, providerUrl } from "../provider/provider-url.ts";
import { bodyFacts } from "./body-facts.ts";
import { compressZstd, serializeResponsesRequest } from "./responses-body.ts";
import type { ResponseStream } from "../stream/response-stream.ts";
import type { TurnState } from "../headers/turn-state.ts";

/** Default for the largest single event: 64 MiB. */
const DEFAULT_MAX_EVENT_BYTES = 64 * 1024 * 1024;

/** Options of {@link ResponsesClient}. */
export interface ResponsesClientOptions extends ClientOptions {
  /** Largest single event. Counted in characters, which are bytes for ASCII. Default 64 MiB. */
  readonly maxEventBytes?: number | undefined;
}

/** Options of one streamed request. */
export interface StreamOptions {
  /** Extra headers of this request; they override the provider's. */
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  /** Receives `x-codex-turn-state` of the response. Sending it back is done through `headers`. */
  readonly turnState?: TurnState | undefined;
  /** Default `none`. */
  readonly compression?: "none" | "zstd" | undefined;
  /** Sees the attempts of this call, after the client's own observer. */
  readonly observer?: TransportObserver | undefined;
  /**
   * Receives the upstream request id as soon as response headers arrive, refusals included, and `undefined` when
   * another attempt begins: a call that is aborted rejects with the signal's reason, which cannot carry the id.
   */
  readonly onUpstreamRequestId?: ((id: string | undefined) => void) | undefined;
  /** Aborting rejects with the signal's reason, before and during the stream, and closes the socket at once. */
  readonly signal?: AbortSignal | undefined;
}

/** `POST /responses` over HTTP with server-sent events. */
export class ResponsesClient {
  readonly #context: TransportContext;
  readonly #maxEventBytes: number;

  constructor(options: ResponsesClientOptions) {
    this.#context = transportContext(options);
    this.#maxEventBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  }

  /**
   * Sends one request and resolves when the headers of a 2xx response have arrived. Rejects with an `ApiError` after
   * the provider's retries, or with the signal's reason.
   */
  async stream(request: ResponsesRequest, options: StreamOptions = {}): Promise<ResponseStream> {
    const context = withObserver(this.#context, options.observer);
    const { provider } = context;
    const compress = options.compression === "zstd";
    const extras = new HeaderBag(options.headers);
    if (compress && (extras.has("content-encoding") || providerHas(context, "content-encoding"))) {
      throw new RequestBuildError("the headers hold a content-encoding already: send uncompressed");
    }
    const json = serializeResponsesRequest(request, {
      azure: isAzureProvider(provider),
      format: context.requestFormat,
    });
    return sendWithRetries<ResponseStream>(context, {
      endpoint: "responses",
      method: "POST",
      url: providerUrl(provider, "responses"),
      body: compress ? compressZstd(json) : json,
      bodyFacts: bodyFacts(json, compress ? "zstd" : "identity", request),
      headers: () =>
        layeredHeaders({
          provider,
          extras,
          accept: "text/event-stream",
          contentEncoding: compress ? "zstd" : undefined,
          contentType: "application/json",
          credentials: context.requestFormat.credentials,
          clientHeaders: context.clientHeaders,
          acceptEncoding: context.requestFormat.acceptEncoding,
        }),
      timeoutMs: provider.firstResponseTimeoutMs ?? provider.streamIdleTimeoutMs,
      signal: options.signal,
      onUpstreamRequestId: options.onUpstreamRequestId,
      accept: ({ exchange, url, headers, upstreamRequestId, reporter }, settle) => {
        const body = new EventStreamBody({
          source: exchange,
          headers,
          url,
          upstreamRequestId,
          reporter,
          policy: context.errorPolicy,
          idleTimeoutMs: provider.streamIdleTimeoutMs,
          firstEventTimeoutMs: provider.firstResponseTimeoutMs,
          maxEventBytes: this.#maxEventBytes,
          turnState: options.turnState,
          signal: options.signal,
        });
        settle.resolve(body.stream);
        return body;
      },
    });
  }
}

function providerHas(context: TransportContext, name: string): boolean {
  return new HeaderBag(context.provider.headers).has(name);
}
