import type { ErrorPolicy } from "@codex-ts/api";
import type { JsonValue } from "@codex-ts/protocol";

/** Which decision a failed request leaves to the turn, for switches and logs. */
export type RequestFailureCode =
  | "stream"
  | "rate_limit"
  | "request_timeout"
  | "unexpected_status"
  | "internal_server_error"
  | "retry_limit"
  | "context_window_exceeded"
  | "quota_exceeded"
  | "usage_limit_reached"
  | "usage_not_included"
  | "server_overloaded"
  | "policy"
  | "invalid_request"
  | "invalid_image"
  | "model_unavailable"
  | "configuration"
  | "internal";

/** What a failed request means to the turn. */
export interface RequestFailure {
  readonly code: RequestFailureCode;
  /** For people and for the trace. Forms as in the api specification, 9.5; sentences are ours. */
  readonly message: string;
  /** Whether the turn tries the request again. */
  readonly retryable: boolean;
  /** Wait the server asked for; `undefined`: back off. */
  readonly retryDelayMs: number | undefined;
  readonly status: number | undefined;
  readonly upstreamRequestId: string | undefined;
  /** `codex_error_info` of protocol events. */
  readonly info: JsonValue;
}

/** A `RequestFailure` with everything unsaid filled in: final, nothing known. */
export function failure(
  facts: Pick<RequestFailure, "code" | "message"> & Partial<RequestFailure>,
): RequestFailure {
  return {
    retryable: false,
    retryDelayMs: undefined,
    status: undefined,
    upstreamRequestId: undefined,
    info: "other",
    ...facts,
  };
}

/** A failure before the facts of one answer are added. */
export type FailureKind = Pick<RequestFailure, "code" | "message"> & Partial<RequestFailure>;

export function streamFailure(detail: string): FailureKind {
  return {
    code: "stream",
    message: `stream disconnected before completion: ${detail}`,
    retryable: true,
  };
}

export function rateLimitFailure(detail: string, policy: ErrorPolicy): FailureKind {
  if (policy === "0.140") return streamFailure(detail);
  return { code: "rate_limit", message: `rate limit exceeded: ${detail}`, retryable: true };
}

export function retryLimitFailure(status: number, requestId: string | undefined): FailureKind {
  const id = requestId === undefined ? "" : `, request id: ${requestId}`;
  return {
    code: "retry_limit",
    message: `exceeded retry limit, last status: ${statusText(status)}${id}`,
    status,
    info: { response_too_many_failed_attempts: { http_status_code: status } },
  };
}

export function policyFailure(
  policy: "cyber" | "bio" | "misalignment" | "content",
  message: string,
): FailureKind {
  return { code: "policy", message, info: policy === "cyber" ? "cyber_policy" : "other" };
}

export const TIMEOUT: FailureKind = {
  code: "request_timeout",
  message: "request timed out",
  retryable: true,
};

export const CONTEXT_WINDOW: FailureKind = {
  code: "context_window_exceeded",
  message:
    "the conversation no longer fits the model's context window; start a new thread or remove earlier items",
  info: "context_window_exceeded",
};

export const QUOTA: FailureKind = {
  code: "quota_exceeded",
  message: "the account's quota is used up; check its plan and billing",
  info: "usage_limit_exceeded",
};

export const USAGE_NOT_INCLUDED: FailureKind = {
  code: "usage_not_included",
  message: "the account's plan does not include this model; upgrade it or use an API key",
  info: "usage_limit_exceeded",
};

export const OVERLOADED: FailureKind = {
  code: "server_overloaded",
  message: "the selected model is at capacity; try another model or come back later",
  info: "server_overloaded",
};

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** `401 Unauthorized`; an unknown status is its number alone. */
export function statusText(status: number): string {
  const phrase = REASON_PHRASES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}
