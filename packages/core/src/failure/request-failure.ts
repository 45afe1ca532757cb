import { ApiError } from "@codex-ts/api";
import type { AnyApiError, ErrorPolicy } from "@codex-ts/api";
import {
  CONTEXT_WINDOW,
  OVERLOADED,
  QUOTA,
  TIMEOUT,
  USAGE_NOT_INCLUDED,
  failure,
  policyFailure,
  rateLimitFailure,
  retryLimitFailure,
  streamFailure,
} from "./failure-kinds.ts";
import type { FailureKind, RequestFailure } from "./failure-kinds.ts";
import { httpStatusFailure } from "./http-status-failure.ts";

/**
 * Turns whatever a request failed with into what the turn does about it. The only place where that is decided.
 *
 * Source: api spec 9.2, 9.3, 9.5 and the 0.169 additions there.
 */
export function toRequestFailure(error: unknown, policy: ErrorPolicy): RequestFailure {
  if (ApiError.is(error)) return apiFailure(error, policy);
  const message = error instanceof Error ? error.message : String(error);
  // A missing key variable or a refused credential: nothing a retry could change.
  const code = hasCode(error) ? "configuration" : "internal";
  return failure({ code, message, info: "other" });
}

function apiFailure(error: AnyApiError, policy: ErrorPolicy): RequestFailure {
  const facts = {
    upstreamRequestId: error.upstreamRequestId,
    retryDelayMs: error.retryDelayMs,
  };
  switch (error.code) {
    case "http_status":
      return httpStatusFailure(error, policy);
    case "network":
    case "request_build":
      return failure({ ...facts, ...streamFailure(error.detail) });
    case "stream":
      return failure({ ...facts, ...streamFailure(error.message) });
    case "retryable":
      return failure({ ...facts, ...retryableFailure(error.message, error.serverCode, policy) });
    case "rate_limit":
      return failure({ ...facts, ...rateLimitFailure(error.message, policy) });
    case "timeout":
      return failure({ ...facts, ...TIMEOUT });
    case "retry_limit":
      return failure({ ...facts, ...retryLimitFailure(500, undefined) });
    case "context_window_exceeded":
      return failure({ ...facts, ...CONTEXT_WINDOW });
    case "quota_exceeded":
      return failure({ ...facts, ...QUOTA });
    case "usage_not_included":
      return failure({ ...facts, ...USAGE_NOT_INCLUDED });
    case "server_overloaded":
      return failure({ ...facts, ...OVERLOADED });
    case "invalid_request":
      return failure({ ...facts, code: "invalid_request", message: error.message });
    case "policy":
      return failure({ ...facts, ...policyFailure(error.policy, error.message) });
    case "final_response":
      return failure({ ...facts, code: "model_unavailable", message: error.message });
    default:
      return unhandled(error);
  }
}

function unhandled(error: never): RequestFailure {
  return failure({ code: "internal", message: String(error) });
}

function retryableFailure(
  detail: string,
  serverCode: string | undefined,
  policy: ErrorPolicy,
): FailureKind {
  const limited = serverCode === "rate_limit_exceeded" || serverCode === "slow_down";
  return limited ? rateLimitFailure(detail, policy) : streamFailure(detail);
}

function hasCode(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error;
}
