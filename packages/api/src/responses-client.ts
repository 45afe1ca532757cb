import type { ResponsesRequest } from "@codex-ts/protocol";
import type { Dispatcher } from "undici";
import type { AuthProvider } from "./auth-provider.ts";
import type { ErrorPolicy } from "./error-policy.ts";
import type { TransportObserver } from "./observer.ts";
import type { ApiProvider } from "./provider.ts";
import type { ResponseStream } from "./response-stream.ts";
import type { TurnState } from "./turn-state.ts";

export interface ResponsesClientOptions {
  readonly provider: ApiProvider;
  readonly auth: AuthProvider;
  /** undici dispatcher that carries the requests. Default: a process-wide agent without body or header timeouts. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly observer?: TransportObserver | undefined;
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** Weakest layer: `originator`, `user-agent`; set only where no other layer has the name. */
  readonly clientHeaders?: Iterable<readonly [string, string]> | undefined;
  /** Longest wait a `Retry-After` header can ask for. Default 60000. */
  readonly maxRetryAfterMs?: number | undefined;
  /** Largest single event, in bytes. Default 64 MiB. */
  readonly maxEventBytes?: number | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Waits between retries. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Uniform in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export interface StreamOptions {
  /** Extra headers of this request; they override the provider's. */
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  /** Receives `x-codex-turn-state` of the answer. Sending it back is done through `headers`. */
  readonly turnState?: TurnState | undefined;
  /** Default `none`. */
  readonly compression?: "none" | "zstd" | undefined;
  /** Sees the attempts of this call only, after the client's own observer. */
  readonly observer?: TransportObserver | undefined;
  /** Aborting rejects with the signal's reason, before and during the stream, and closes the socket at once. */
  readonly signal?: AbortSignal | undefined;
}

/** `POST /responses` over HTTP with server-sent events. */
export class ResponsesClient {
  constructor(options: ResponsesClientOptions) {
    void options;
  }

  /**
   * Sends one request and resolves when the headers of a 2xx answer have arrived. Rejects with an `ApiError`
   * after the provider's retries.
   */
  stream(request: ResponsesRequest, options: StreamOptions = {}): Promise<ResponseStream> {
    void request;
    void options;
    return Promise.reject(new Error("the HTTP path lands with the next commit"));
  }
}
