/** Where and how requests of one provider are sent. Resolved from configuration by `@codex-ts/model-provider`. */
export interface ApiProvider {
  /** Display name; `azure` (any case) also selects Azure behavior. */
  readonly name: string;
  /** e.g. `https://api.openai.com/v1`; trailing slashes are tolerated. */
  readonly baseUrl: string;
  /** Appended to every URL in this order. */
  readonly queryParams?: Readonly<Record<string, string>> | undefined;
  /** Static and environment headers of the provider, weakest layer of a request. */
  readonly headers?: Iterable<readonly [string, string]> | undefined;
  readonly retry: RetryPolicy;
  /** Longest gap between two events of a stream, in milliseconds. */
  readonly streamIdleTimeoutMs: number;
  /**
   * Longest wait for response headers, and then, or over WebSocket from the request on, for the first event where
   * `streamIdleTimeoutMs` is not shorter; in milliseconds. Default: `streamIdleTimeoutMs`.
   */
  readonly firstResponseTimeoutMs?: number | undefined;
}

/** Retries of one HTTP request before a response has begun. */
export interface RetryPolicy {
  /** Retries after the first attempt: `1 + maxRetries` requests at most. */
  readonly maxRetries: number;
  /** Delay before retry n is `baseDelayMs * 2^(n-1) * U[0.9, 1.1)`. */
  readonly baseDelayMs: number;
  readonly retry429: boolean;
  readonly retry5xx: boolean;
  readonly retryTransport: boolean;
}

/** Retries and idle timeout of Codex, for providers that say nothing else. Source: docs/behavior/api.md 1. */
export const DEFAULT_PROVIDER_SETTINGS: Pick<ApiProvider, "retry" | "streamIdleTimeoutMs"> = {
  retry: {
    maxRetries: 4,
    baseDelayMs: 200,
    retry429: false,
    retry5xx: true,
    retryTransport: true,
  },
  streamIdleTimeoutMs: 300_000,
};
