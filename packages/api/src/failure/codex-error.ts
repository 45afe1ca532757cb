import type { JsonValue } from "@codex-ts/protocol";
import type { ErrorPolicy } from "../error-policy.ts";
import type { FinalServerCode, PolicyError } from "../errors.ts";
import type { UsageLimitFacts } from "./usage-limit.ts";

/** Which decision a failed request leaves to its caller. Source: protocol.md section 13. */
export type CodexErrorCode =
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
  | "final_response"
  | "invalid_request"
  | "invalid_image";

/** What a failed request means to a turn, as plain data. */
export interface CodexError {
  readonly code: CodexErrorCode;
  /** For people and for the trace. Forms as in api.md 9.5, sentences are our own. */
  readonly message: string;
  /** Whether the stream layer tries the request again. Source: api.md 9.3. */
  readonly retryable: boolean;
  /** Wait the server asked for before another attempt; `undefined`: back off. */
  readonly retryDelayMs: number | undefined;
  /** HTTP status where the failure had one. */
  readonly status: number | undefined;
  readonly upstreamRequestId: string | undefined;
  /** `codex_error_info` of protocol events. */
  readonly info: JsonValue;
  /** Set when `code` is `usage_limit_reached`. */
  readonly usageLimit: UsageLimitFacts | undefined;
  /** Set when `code` is `policy`. */
  readonly policy: PolicyError["policy"] | undefined;
  /** Set when `code` is `final_response`. */
  readonly serverCode: FinalServerCode | undefined;
}

/** A `CodexError` with everything unsaid filled in: final, nothing known. */
export function codexError(
  facts: Pick<CodexError, "code" | "message"> & Partial<CodexError>,
): CodexError {
  return {
    retryable: false,
    retryDelayMs: undefined,
    status: undefined,
    upstreamRequestId: undefined,
    info: "other",
    usageLimit: undefined,
    policy: undefined,
    serverCode: undefined,
    ...facts,
  };
}

/** The part of a `CodexError` that a broken or limited stream decides. */
export type RetriedFacts = Pick<CodexError, "code" | "message" | "retryable">;

export function streamFacts(detail: string): RetriedFacts {
  return {
    code: "stream",
    message: `stream disconnected before completion: ${detail}`,
    retryable: true,
  };
}

/** 0.169 tells a rate limit from a broken stream; both are tried again. */
export function rateLimitFacts(detail: string, policy: ErrorPolicy): RetriedFacts {
  if (policy === "0.140") return streamFacts(detail);
  return { code: "rate_limit", message: `rate limit exceeded: ${detail}`, retryable: true };
}
