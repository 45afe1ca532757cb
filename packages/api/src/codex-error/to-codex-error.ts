import type { ErrorPolicy } from "@codex-ts/protocol";
import {
  codexErrorText,
  isRetryable,
  toCodexErrorInfo,
  toWireCodexErrorInfo,
} from "@codex-ts/protocol";
import type { AnyApiError, StreamError } from "../errors.ts";
import * as classify from "./classify.ts";
import { classifyHttpStatus } from "./classify-http-status.ts";
import type { Classification, CodexError } from "./codex-error.ts";

/** Options of {@link toCodexError}. */
export interface ToCodexErrorOptions {
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** Clock for the words about when a usage limit ends; Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** IANA time zone for the same. Default: the system's. */
  readonly timeZone?: string | undefined;
}

/**
 * Meaning of an error of this package to a turn: kind, text, whether and when to try again.
 * Source: docs/behavior/api.md 9.2-9.5.
 */
export function toCodexError(error: AnyApiError, options: ToCodexErrorOptions = {}): CodexError {
  const { errorPolicy = "0.169", ...textOptions } = options;
  const classification = classifyError(error, errorPolicy);
  const { kind } = classification;
  return {
    usageLimit: undefined,
    policy: undefined,
    serverCode: undefined,
    ...classification,
    message: blamesConnection(error) ? codexErrorText(kind, textOptions) : error.message,
    retryable: isRetryable(kind, errorPolicy),
    retryDelayMs: retryDelay(error, classification, errorPolicy),
    status:
      "status" in error ? error.status : "status" in kind ? (kind.status ?? undefined) : undefined,
    upstreamRequestId: error.upstreamRequestId,
    responseId: error.responseId,
    serverMessage: error.serverMessage,
    info: toWireCodexErrorInfo(toCodexErrorInfo(kind, errorPolicy)),
  };
}

/** The text of a broken stream says that the connection ended too early; here it brought something else. */
function blamesConnection(error: AnyApiError): boolean {
  return error.code !== "stream" || error.reason !== "not_understood";
}

function classifyError(error: AnyApiError, policy: ErrorPolicy): Classification {
  switch (error.code) {
    case "http_status":
      return classifyHttpStatus(error, policy);
    case "network":
    case "request_build":
      return classify.stream(error.detail);
    case "proxy_authentication":
      return { ...classify.invalidRequest(error.message), code: "proxy_authentication" };
    case "timeout":
      return { code: "request_timeout", kind: { kind: "requestTimeout" } };
    case "retry_limit":
      return classify.retryLimit(500, undefined, undefined);
    case "stream":
      return classifyBrokenStream(error, policy);
    case "retryable":
      return classify.stream(error.message, error.retryDelayMs);
    case "rate_limit":
      return classify.rateLimit(error.message, policy, error.retryDelayMs);
    case "context_window_exceeded":
      return classify.CONTEXT_WINDOW_EXCEEDED;
    case "quota_exceeded":
      return classify.QUOTA_EXCEEDED;
    case "usage_not_included":
      return classify.USAGE_NOT_INCLUDED;
    case "server_overloaded":
      return classify.overloaded(undefined);
    case "invalid_request":
      return classify.invalidRequest(error.message, "invalid_prompt");
    case "policy":
      return classify.policyViolation(error.policy, error.message);
    case "final_response":
      return classify.finalResponse(error.serverCode, error.message);
    default:
      return unreachable(error);
  }
}

/** 0.169 ends the turn with an incomplete response, unless a filter cut it. */
function classifyBrokenStream(error: StreamError, policy: ErrorPolicy): Classification {
  const isFinal =
    policy === "0.169" &&
    error.reason === "incomplete" &&
    error.incompleteReason !== "content_filter";
  return isFinal
    ? { ...classify.invalidRequest(error.message), code: "stream" }
    : classify.stream(error.message);
}

/** 0.140 keeps only the wait that a message named; 0.169 also keeps `Retry-After`. */
function retryDelay(
  error: AnyApiError,
  { kind }: Classification,
  policy: ErrorPolicy,
): number | undefined {
  if (error.code === "http_status") return policy === "0.169" ? error.retryDelayMs : undefined;
  return "retryDelayMs" in kind ? (kind.retryDelayMs ?? undefined) : undefined;
}

function unreachable(error: never): never {
  throw new TypeError(`unknown error code ${String((error as { code?: unknown }).code)}`);
}
