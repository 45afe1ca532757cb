import type { CodexErrorInfo } from "./codex-error-info.ts";
import type { RateLimitReachedType } from "./rate-limits.ts";

/** Which client's reactions to a server are followed. */
export type ErrorPolicy = "0.169" | "0.140";

/**
 * Everything a turn can fail with, as plain data: told apart by `kind`, with the facts each kind has. What it means is
 * in {@link isRetryable}, {@link toCodexErrorInfo} and `codexErrorText`.
 */
export type CodexErrorKind =
  | StreamErrorKind
  | UnexpectedStatusKind
  | UsageLimitReachedKind
  /** The server asks for a slower pace and would serve another attempt. 0.140 takes it for a broken stream. */
  | { readonly kind: "rateLimited"; readonly message: string; readonly retryDelayMs: number | null }
  | { readonly kind: "requestTimeout" }
  /** HTTP 500. */
  | { readonly kind: "internalServerError" }
  | { readonly kind: "connectionFailed"; readonly message: string; readonly status: number | null }
  | {
      readonly kind: "responseStreamFailed";
      readonly message: string;
      readonly status: number | null;
      readonly upstreamRequestId: string | null;
    }
  /** HTTP 429, or retries used up. `retryDelayMs`: what `Retry-After` asked for. */
  | {
      readonly kind: "retryLimit";
      readonly status: number;
      readonly upstreamRequestId: string | null;
      readonly retryDelayMs: number | null;
    }
  | { readonly kind: "contextWindowExceeded" }
  | { readonly kind: "quotaExceeded" }
  | { readonly kind: "usageNotIncluded" }
  /** The model is at capacity. `retryDelayMs`: what `Retry-After` asked for. */
  | { readonly kind: "serverOverloaded"; readonly retryDelayMs: number | null }
  | { readonly kind: "cyberPolicy"; readonly message: string }
  /** `serverCode`: `error.code` of the failure; `null` for a refused HTTP request. */
  | {
      readonly kind: "invalidRequest";
      readonly message: string;
      readonly serverCode: string | null;
    }
  /** An image in the history is no image. */
  | { readonly kind: "invalidImageRequest" }
  | {
      readonly kind: "refreshTokenFailed";
      readonly reason: "expired" | "exhausted" | "revoked" | "other";
      readonly message: string;
    }
  | {
      readonly kind: "missingEnvironmentVariable";
      readonly name: string;
      /** How to set it. */
      readonly instructions: string | null;
    }
  | { readonly kind: "unsupportedOperation"; readonly message: string }
  | { readonly kind: "threadNotFound"; readonly threadId: string }
  | { readonly kind: "agentLimitReached"; readonly maxAgents: number }
  | {
      readonly kind: "sandbox";
      readonly reason: "denied" | "timeout" | "signal" | "other";
      readonly message: string;
    }
  | { readonly kind: "turnAborted" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "internalAgentDied" }
  | { readonly kind: "childTimeout" }
  | { readonly kind: "spawn"; readonly message: string }
  | { readonly kind: "io"; readonly message: string }
  | { readonly kind: "json"; readonly message: string }
  | { readonly kind: "fatal"; readonly message: string };

/** A stream broke, or failed, before it was complete. */
export interface StreamErrorKind {
  readonly kind: "stream";
  readonly message: string;
  /** Wait the server asked for; `null`: back off. */
  readonly retryDelayMs: number | null;
}

/** A status with no treatment of its own. */
export interface UnexpectedStatusKind {
  readonly kind: "unexpectedStatus";
  readonly status: number;
  readonly body: string;
  readonly url: string | null;
  readonly cfRay: string | null;
  readonly upstreamRequestId: string | null;
  readonly authError: string | null;
  readonly authErrorCode: string | null;
}

/** The account has used what its plan includes. */
export interface UsageLimitReachedKind {
  readonly kind: "usageLimitReached";
  /** As the server named it. */
  readonly planType: string | null;
  /** Unix seconds. */
  readonly resetsAt: number | null;
  /** Name of the limit that was hit, where it is not the general one. */
  readonly limitName: string | null;
  readonly reachedType: RateLimitReachedType | null;
  /** Offer of the server. */
  readonly promoMessage: string | null;
}

const RETRYABLE: ReadonlySet<CodexErrorKind["kind"]> = new Set([
  "stream",
  "rateLimited",
  "requestTimeout",
  "unexpectedStatus",
  "internalServerError",
  "connectionFailed",
  "responseStreamFailed",
  "io",
  "json",
  "internalAgentDied",
  "childTimeout",
]);

/**
 * Whether the stream loop tries again. In 0.169 a server that is overloaded, or responds with 429, and says when to
 * come back is tried again, too.
 */
export function isRetryable(error: CodexErrorKind, policy: ErrorPolicy): boolean {
  if (error.kind === "serverOverloaded" || error.kind === "retryLimit") {
    return policy === "0.169" && error.retryDelayMs !== null;
  }
  return RETRYABLE.has(error.kind);
}

/** Infos that follow from the kind alone. */
const INFO_OF_KIND = {
  stream: "other",
  rateLimited: "other",
  requestTimeout: "other",
  internalServerError: "internal_server_error",
  contextWindowExceeded: "context_window_exceeded",
  usageLimitReached: "usage_limit_exceeded",
  quotaExceeded: "usage_limit_exceeded",
  usageNotIncluded: "usage_limit_exceeded",
  serverOverloaded: "server_overloaded",
  cyberPolicy: "cyber_policy",
  invalidImageRequest: "other",
  refreshTokenFailed: "unauthorized",
  missingEnvironmentVariable: "other",
  unsupportedOperation: "bad_request",
  threadNotFound: "bad_request",
  agentLimitReached: "bad_request",
  sandbox: "sandbox_error",
  turnAborted: "other",
  interrupted: "other",
  internalAgentDied: "internal_server_error",
  childTimeout: "other",
  spawn: "other",
  io: "other",
  json: "other",
  fatal: "other",
} as const satisfies Partial<Record<CodexErrorKind["kind"], CodexErrorInfo>>;

/**
 * Facts of an error event, for programs. 0.169 is more exact about unexpected statuses and refused prompts.
 * (The notice before a retry says `response_stream_disconnected` for every kind.)
 */
export function toCodexErrorInfo(error: CodexErrorKind, policy: ErrorPolicy): CodexErrorInfo {
  if (error.kind === "retryLimit") {
    return { response_too_many_failed_attempts: { http_status_code: error.status } };
  }
  if (error.kind === "responseStreamFailed") {
    return { response_stream_connection_failed: { http_status_code: error.status } };
  }
  if (error.kind === "connectionFailed") {
    return { http_connection_failed: { http_status_code: error.status } };
  }
  if (error.kind === "unexpectedStatus") {
    const info = { http_connection_failed: { http_status_code: error.status } };
    return policy === "0.169" ? info : "other";
  }
  if (error.kind === "invalidRequest") {
    const isPrompt = policy === "0.169" && error.serverCode === "invalid_prompt";
    return isPrompt ? "invalid_prompt" : "other";
  }
  return INFO_OF_KIND[error.kind];
}

/** HTTP status of an error that has one, else `null`. */
export function httpStatusOf(error: CodexErrorKind): number | null {
  return "status" in error ? error.status : error.kind === "internalServerError" ? 500 : null;
}

/** The info of the notice before a retry. */
export function retryNoticeInfo(error: CodexErrorKind): CodexErrorInfo {
  return { response_stream_disconnected: { http_status_code: httpStatusOf(error) } };
}
