import type { ErrorPolicy } from "../error-policy.ts";
import type { AnyApiError, StreamError } from "../errors.ts";
import type { CodexError, RetriedFacts } from "./codex-error.ts";
import { codexError, rateLimitFacts, streamFacts } from "./codex-error.ts";
import { httpCodexError } from "./http-codex-error.ts";
import { retryLimitText } from "./status-text.ts";

export interface ToCodexErrorOptions {
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** Clock for the words about when a usage limit ends; Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What an error of this package means to a turn: kind, text, whether and when to try again. Source: api.md 9.2–9.5. */
export function toCodexError(error: AnyApiError, options: ToCodexErrorOptions = {}): CodexError {
  const policy = options.errorPolicy ?? "0.169";
  const facts = { upstreamRequestId: error.upstreamRequestId };
  switch (error.code) {
    case "http_status":
      return httpCodexError(error, { policy, nowMs: (options.now ?? Date.now)() });
    case "network":
    case "request_build":
      return codexError({ ...facts, ...streamFacts(error.detail) });
    case "timeout":
      return codexError({
        ...facts,
        code: "request_timeout",
        message: "request timed out",
        retryable: true,
      });
    case "retry_limit":
      return codexError({
        code: "retry_limit",
        message: retryLimitText(500, undefined),
        status: 500,
        info: { response_too_many_failed_attempts: { http_status_code: 500 } },
      });
    case "stream":
      return codexError({ ...facts, ...brokenStreamFacts(error, policy) });
    case "retryable":
      return codexError({
        ...facts,
        ...streamFacts(error.message),
        retryDelayMs: error.retryDelayMs,
      });
    case "rate_limit":
      return codexError({
        ...facts,
        ...rateLimitFacts(error.message, policy),
        retryDelayMs: policy === "0.169" ? error.retryDelayMs : undefined,
      });
    case "context_window_exceeded":
      return codexError({
        ...facts,
        code: error.code,
        message: error.message,
        info: "context_window_exceeded",
      });
    case "quota_exceeded":
    case "usage_not_included":
      return codexError({
        ...facts,
        code: error.code,
        message: error.message,
        info: "usage_limit_exceeded",
      });
    case "server_overloaded":
      return codexError({
        ...facts,
        code: error.code,
        message: error.message,
        info: "server_overloaded",
      });
    case "invalid_request":
      return codexError({ ...facts, code: error.code, message: error.message });
    case "policy":
      return codexError({
        ...facts,
        code: "policy",
        message: error.message,
        policy: error.policy,
        info: error.policy === "cyber" ? "cyber_policy" : "other",
      });
    case "final_response":
      return codexError({
        ...facts,
        code: "final_response",
        message: error.message,
        serverCode: error.serverCode,
      });
    default:
      return unreachable(error);
  }
}

/** 0.169 ends the turn with an incomplete response, unless a filter cut it. */
function brokenStreamFacts(error: StreamError, policy: ErrorPolicy): RetriedFacts {
  const isFinal =
    policy === "0.169" &&
    error.reason === "incomplete" &&
    error.incompleteReason !== "content_filter";
  return isFinal
    ? { code: "stream", message: error.message, retryable: false }
    : streamFacts(error.message);
}

function unreachable(error: never): never {
  throw new TypeError(`unknown error code ${String((error as { code?: unknown }).code)}`);
}
