import type { AttemptReporter } from "../observe/attempt-reporter.ts";
import type { RequestBodyFacts } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import type { LayeredHeaders } from "../headers/request-headers.ts";
import type { BodyConsumer, BodySource } from "./response-body.ts";

/** One call of an endpoint; each attempt builds its request anew from it. */
export interface HttpCall<T> {
  /** Short name for observers. */
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array | undefined;
  /** Describes the body, for observers. */
  readonly bodyFacts?: (() => RequestBodyFacts) | undefined;
  /** Headers without credentials. */
  readonly headers: () => LayeredHeaders;
  /** Longest wait for response headers, or for the whole response of a unary call. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** See `StreamOptions.onUpstreamRequestId`. */
  readonly onUpstreamRequestId?: ((id: string | undefined) => void) | undefined;
  /**
   * Takes over a 2xx response. The attempt is over when it calls `settle`; a consumer that goes on reading afterwards
   * also ends the reporter.
   */
  readonly accept: (response: AcceptedResponse, settle: Settle<T>) => BodyConsumer;
}

interface AcceptedResponse {
  readonly status: number;
  /** Of the request that got this response, redirects followed; without credentials. */
  readonly url: string;
  readonly headers: ResponseHeaders;
  /** Captured here, once: without credentials of the request, which some servers repeat. */
  readonly upstreamRequestId: string | undefined;
  readonly exchange: BodySource;
  readonly reporter: AttemptReporter;
}

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: AnyApiError) => void;
}

/** How an attempt went. */
export type AttemptResult<T> =
  | { readonly value: T }
  | { readonly error: AnyApiError; readonly reporter: AttemptReporter };
