import type { CodexErrorKind, JsonValue } from "@codex-ts/protocol";
import type { FinalServerCode, PolicyError } from "../errors.ts";
import type { UsageLimitFacts } from "./usage-limit.ts";

/** Which decision a failed request leaves to its caller. */
export type CodexErrorCode =
  | "stream"
  | "rate_limit"
  | "request_timeout"
  | "unexpected_status"
  | "proxy_authentication"
  | "internal_server_error"
  | "retry_limit"
  | "context_window_exceeded"
  | "quota_exceeded"
  | "usage_limit_reached"
  | "usage_not_included"
  | "server_overloaded"
  | "policy"
  | "final_response"
  | "invalid_request"
  | "invalid_image";

/** Meaning of a failed request to a turn, as plain data. */
export interface CodexError {
  readonly code: CodexErrorCode;
  /** The same as the shared types name it; text, info and whether to retry follow from it. */
  readonly kind: CodexErrorKind;
  /** For people and for the trace. Forms as in docs/behavior/api.md 9.5, sentences are our own. */
  readonly message: string;
  /** Whether the stream layer tries the request again. Source: docs/behavior/api.md 9.3. */
  readonly retryable: boolean;
  /** Wait the server asked for before another attempt; `undefined`: back off. */
  readonly retryDelayMs: number | undefined;
  /** HTTP status where the failure had one. */
  readonly status: number | undefined;
  readonly upstreamRequestId: string | undefined;
  /** `response.id` of the response that failed, once the server had named it. */
  readonly responseId: string | undefined;
  /** Message of the server itself: one line, at most 1000 characters. Often, but not always, a part of `message`. */
  readonly serverMessage: string | undefined;
  /** `codex_error_info` of protocol events. */
  readonly info: JsonValue;
  /** Set when `code` is `usage_limit_reached`. */
  readonly usageLimit: UsageLimitFacts | undefined;
  /** Set when `code` is `policy`. */
  readonly policy: PolicyError["policy"] | undefined;
  /** Set when `code` is `final_response`. */
  readonly serverCode: FinalServerCode | undefined;
}

/** The part of a `CodexError` that classification decides; the rest is computed from it. */
export interface Classification {
  readonly code: CodexErrorCode;
  readonly kind: CodexErrorKind;
  readonly usageLimit?: UsageLimitFacts;
  readonly policy?: PolicyError["policy"];
  readonly serverCode?: FinalServerCode;
}
