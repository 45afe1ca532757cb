const brand = Symbol.for("codex-ts.error.ApiError");
const authBrand = Symbol.for("codex-ts.error.AuthError");

/** Facts every `ApiError` may carry. */
export interface ApiErrorFacts {
  /**
   * Id of the request in the provider's logs: `x-request-id` of the response; of a refused request also
   * `x-oai-request-id`. Never the response id.
   */
  readonly upstreamRequestId?: string | undefined;
  /** `response.id` of the response that failed, once the server has named it. Never the upstream request id. */
  readonly responseId?: string | undefined;
  /** The server's own description of the failure: one line, at most 1000 characters, without control characters. */
  readonly serverMessage?: string | undefined;
  /** The server's own name for the failure, `error.code` of an event or a body. */
  readonly serverCode?: string | undefined;
  /** Wait the server asked for before another attempt, in milliseconds. */
  readonly retryDelayMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * Base class of everything a call of this package fails with, except cancellation by the caller (which rejects with the
 * signal's own reason) and misuse (`TypeError`). Test with `ApiError.is`, then switch over `code`.
 */
export abstract class ApiError extends Error {
  abstract readonly code: AnyApiError["code"];
  readonly upstreamRequestId: string | undefined;
  readonly responseId: string | undefined;
  readonly serverMessage: string | undefined;
  readonly serverCode: string | undefined;
  readonly retryDelayMs: number | undefined;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  constructor(message: string, facts: ApiErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.upstreamRequestId = facts.upstreamRequestId;
    this.responseId = facts.responseId;
    this.serverMessage = facts.serverMessage;
    this.serverCode = facts.serverCode;
    this.retryDelayMs = facts.retryDelayMs;
  }

  /** True for errors of this package, also of another installed copy of it. */
  static is(error: unknown): error is AnyApiError {
    return typeof error === "object" && error !== null && brand in error;
  }
}

/** Every concrete error; `switch (error.code)` is exhaustive over it. */
export type AnyApiError =
  | HttpStatusError
  | NetworkError
  | ProxyAuthenticationError
  | TimeoutError
  | RequestBuildError
  | RetryLimitError
  | StreamError
  | RetryableError
  | RateLimitError
  | ContextWindowExceededError
  | QuotaExceededError
  | UsageNotIncludedError
  | ServerOverloadedError
  | InvalidRequestError
  | PolicyError
  | FinalResponseError;

/** Facts of a response outside 200–299. */
export interface HttpStatusFacts extends ApiErrorFacts {
  readonly status: number;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly bodyText: string | undefined;
  readonly cfRay?: string | undefined;
  readonly authError?: string | undefined;
  readonly authErrorCode?: string | undefined;
}

/** The server responded with a status outside 200–299. */
export class HttpStatusError extends ApiError {
  override readonly name: string = "HttpStatusError";
  readonly code = "http_status";
  /** 100–599. */
  readonly status: number;
  /** Without credentials; secret query values are redacted. `undefined` for an error wrapped in a WebSocket event. */
  readonly url: string | undefined;
  /** Names in lower case, values of secret headers redacted. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The whole body; `undefined` when it was not UTF-8 text. */
  readonly bodyText: string | undefined;
  /** `cf-ray` header. */
  readonly cfRay: string | undefined;
  /** `x-openai-authorization-error` header. */
  readonly authError: string | undefined;
  /** `error.code` of the JSON inside the base64 header `x-error-json`. */
  readonly authErrorCode: string | undefined;

  constructor(facts: HttpStatusFacts) {
    super(`http ${facts.status}: ${oneLine(facts.bodyText ?? "")}`, facts);
    this.status = facts.status;
    this.url = facts.url;
    this.headers = facts.headers;
    this.bodyText = facts.bodyText;
    this.cfRay = facts.cfRay;
    this.authError = facts.authError;
    this.authErrorCode = facts.authErrorCode;
  }
}

const MAX_BODY_IN_MESSAGE = 500;

/** Enough of a body to recognize it; the whole of it is a fact of its own. */
function oneLine(text: string): string {
  const cut = text.length > MAX_BODY_IN_MESSAGE ? `${text.slice(0, MAX_BODY_IN_MESSAGE)}...` : text;
  return cut.replaceAll(/\s+/g, " ").trim();
}

/** Why a connection could not be made. Meant for programs; the message is for people. */
export type NetworkErrorReason =
  /** Nobody listens there. */
  | "refused"
  | "host_not_found"
  /** The server's certificate is not trusted or not valid. The same request fails again. */
  | "certificate"
  /** The server responds to `https` in plain text. The same request fails again. */
  | "no_tls"
  /** The proxy cannot be reached, or opens no tunnel. */
  | "proxy"
  | "other";

/** The request could not be sent or its response was cut before it began: refused, reset, DNS, TLS. */
export class NetworkError extends ApiError {
  override readonly name: string = "NetworkError";
  readonly code = "network";
  readonly reason: NetworkErrorReason;
  /** The problem, without the `network error:` prefix of the message. */
  readonly detail: string;

  constructor(
    detail: string,
    facts: ApiErrorFacts & {
      /** Default `other`. */ readonly reason?: NetworkErrorReason | undefined;
    } = {},
  ) {
    super(`network error: ${detail}`, facts);
    this.detail = detail;
    this.reason = facts.reason ?? "other";
  }
}

/** A proxy opens no tunnel without a user and password, or not for those it was given: the same request fails again. */
export class ProxyAuthenticationError extends ApiError {
  override readonly name: string = "ProxyAuthenticationError";
  readonly code = "proxy_authentication";
  readonly status = 407;

  constructor(
    facts: ApiErrorFacts & {
      /** The proxy was sent a user or a password. */ readonly hadCredentials: boolean;
    },
  ) {
    super(
      facts.hadCredentials
        ? "the proxy refuses its user and password (status 407): correct them in the proxy variable of the environment, special characters percent-encoded"
        : "the proxy wants a user and password (status 407): write http://user:password@host:port into the proxy variable of the environment",
      facts,
    );
  }
}

/** No response headers, or no complete response of a unary call, in time. */
export class TimeoutError extends ApiError {
  override readonly name: string = "TimeoutError";
  readonly code = "timeout";

  constructor(facts?: ApiErrorFacts) {
    super("timeout", facts);
  }
}

/** The request could not be built: bad URL, header or compression, or the auth layer refused for good. */
export class RequestBuildError extends ApiError {
  override readonly name: string = "RequestBuildError";
  readonly code = "request_build";
  readonly detail: string;

  constructor(detail: string, facts?: ApiErrorFacts) {
    super(`request build error: ${detail}`, facts);
    this.detail = detail;
  }
}

/** Retries are used up and no better error is known. */
export class RetryLimitError extends ApiError {
  override readonly name: string = "RetryLimitError";
  readonly code = "retry_limit";

  constructor(facts?: ApiErrorFacts) {
    super("retry limit reached", facts);
  }
}

/** Which way a response stream broke; for programs, the message is for people. */
export type StreamErrorReason =
  /** The body ended before `response.completed`. */
  | "closed_early"
  /** Something arrived and ended, and none of it could be understood as a response. */
  | "not_understood"
  | "idle_timeout"
  /** The body is not UTF-8. */
  | "invalid_utf8"
  /** The connection broke while the body was being read. */
  | "connection_lost"
  /** `response.failed` without a usable `error` object. */
  | "failed_without_detail"
  | "incomplete"
  | "unparsable_completion"
  | "event_too_large"
  /** WebSocket: a binary message. */
  | "binary_message"
  /** WebSocket: a close frame, or a request on a closed connection. */
  | "connection_closed"
  /** Unary call: the JSON response has another shape than expected. */
  | "unparsable_response";

/** A response began and broke, or could not be understood. */
export class StreamError extends ApiError {
  override readonly name: string = "StreamError";
  readonly code = "stream";
  readonly reason: StreamErrorReason;
  /** `incomplete_details.reason` when `reason` is `incomplete`. */
  readonly incompleteReason: string | undefined;
  /** WebSocket close code when a close frame ended the stream. */
  readonly closeCode: number | undefined;
  /** Reason in the same frame; `undefined` when it was empty. */
  readonly closeReason: string | undefined;

  constructor(
    message: string,
    facts: ApiErrorFacts & {
      readonly reason: StreamErrorReason;
      readonly incompleteReason?: string | undefined;
      readonly closeCode?: number | undefined;
      readonly closeReason?: string | undefined;
    },
  ) {
    super(message, facts);
    this.reason = facts.reason;
    this.incompleteReason = facts.incompleteReason;
    this.closeCode = facts.closeCode;
    this.closeReason = facts.closeReason;
  }
}

/** `response.failed` with a code that asks for another attempt; `retryDelayMs` may say when. */
export class RetryableError extends ApiError {
  override readonly name: string = "RetryableError";
  readonly code = "retryable";
}

/** The account or model is rate limited; another attempt after `retryDelayMs` may succeed. */
export class RateLimitError extends ApiError {
  override readonly name: string = "RateLimitError";
  readonly code = "rate_limit";
}

/** The conversation does not fit the model's context window. */
export class ContextWindowExceededError extends ApiError {
  override readonly name: string = "ContextWindowExceededError";
  readonly code = "context_window_exceeded";
}

/** No credit left; another attempt cannot succeed. */
export class QuotaExceededError extends ApiError {
  override readonly name: string = "QuotaExceededError";
  readonly code = "quota_exceeded";
}

/** The plan of the account does not include this use. */
export class UsageNotIncludedError extends ApiError {
  override readonly name: string = "UsageNotIncludedError";
  readonly code = "usage_not_included";
}

/** The model is at capacity. */
export class ServerOverloadedError extends ApiError {
  override readonly name: string = "ServerOverloadedError";
  readonly code = "server_overloaded";
}

/** The server refuses the request as it is (`invalid_prompt`). */
export class InvalidRequestError extends ApiError {
  override readonly name: string = "InvalidRequestError";
  readonly code = "invalid_request";
}

/** A safety policy stopped the response. */
export class PolicyError extends ApiError {
  override readonly name: string = "PolicyError";
  readonly code = "policy";
  readonly policy: "cyber" | "bio" | "misalignment" | "content";

  constructor(message: string, facts: ApiErrorFacts & { readonly policy: PolicyError["policy"] }) {
    super(message, facts);
    this.policy = facts.policy;
  }
}

/** Server codes that end a response for good and have no treatment of their own (0.169). */
export type FinalServerCode =
  | "model_not_found"
  | "access_program_not_enabled"
  | "inference_hook_denied"
  | "policy_capacity_unavailable"
  | "budget_reached"
  | "invalid_audio";

/** The response failed for good; the message says why. */
export class FinalResponseError extends ApiError {
  override readonly name: string = "FinalResponseError";
  readonly code = "final_response";
  declare readonly serverCode: FinalServerCode;

  // oxlint-disable-next-line no-useless-constructor -- it wants a server code
  constructor(message: string, facts: ApiErrorFacts & { readonly serverCode: FinalServerCode }) {
    super(message, facts);
  }
}

/**
 * Thrown by an `AuthProvider`: `build` fails the call with `RequestBuildError`, `transient` counts as a network error
 * and is retried.
 */
export class AuthError extends Error {
  override readonly name: string = "AuthError";
  readonly code: "build" | "transient";

  static {
    Object.defineProperty(this.prototype, authBrand, { value: true });
  }

  constructor(
    code: "build" | "transient",
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
  }

  static is(error: unknown): error is AuthError {
    return typeof error === "object" && error !== null && authBrand in error;
  }
}
