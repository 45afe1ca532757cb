import type { AnyApiError } from "../errors.ts";
import type { RetryPolicy } from "../provider/provider.ts";

/** Default for the longest wait a `Retry-After` header can ask for. */
export const DEFAULT_MAX_RETRY_AFTER_MS = 60_000;

/**
 * Delay before retry `n` (1, 2, …): `base * 2^(n-1) * U[0.9, 1.1)`, whole milliseconds.
 * Source: docs/behavior/api.md 4.1.
 */
export function backoffDelayMs(baseDelayMs: number, n: number, random: () => number): number {
  return Math.trunc(baseDelayMs * 2 ** (n - 1) * (0.9 + 0.2 * random()));
}

/** Why a transport error may be retried under a policy, or `undefined` when it may not. */
export function retryReason(
  error: AnyApiError,
  policy: RetryPolicy,
): "status_429" | "status_5xx" | "network" | "timeout" | undefined {
  switch (error.code) {
    case "http_status":
      if (error.status === 429) return policy.retry429 ? "status_429" : undefined;
      return error.status >= 500 && error.status <= 599 && policy.retry5xx
        ? "status_5xx"
        : undefined;
    case "network":
      // Neither a certificate nor the way a server speaks changes within seconds.
      if (error.reason === "certificate" || error.reason === "no_tls") return undefined;
      return policy.retryTransport ? error.code : undefined;
    case "timeout":
      return policy.retryTransport ? error.code : undefined;
    case "request_build":
    case "proxy_authentication":
    case "retry_limit":
    case "stream":
    case "retryable":
    case "rate_limit":
    case "context_window_exceeded":
    case "quota_exceeded":
    case "usage_not_included":
    case "server_overloaded":
    case "invalid_request":
    case "policy":
    case "final_response":
      return undefined;
    default:
      error satisfies never;
      return undefined;
  }
}

/**
 * Wait in milliseconds that a `Retry-After` value asks for: seconds or an HTTP date, never negative, at most `maxMs`.
 * `undefined` when it is neither.
 */
export function parseRetryAfter(
  value: string | undefined,
  { nowMs, maxMs }: { readonly nowMs: number; readonly maxMs: number },
): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.trunc(Number(text) * 1000), maxMs);
  // Date.parse takes far more than HTTP dates ("-5" is a year); all HTTP dates begin with the name of a day.
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(0, atMs - nowMs), maxMs);
}
