import { ApiError, toCodexError } from "@codex-ts/api";
import type { CodexErrorCode, ErrorPolicy, UsageLimitFacts } from "@codex-ts/api";
import { ProviderError } from "@codex-ts/model-provider";
import type { CodexErrorInfo, RateLimitSnapshot } from "@codex-ts/protocol";

/**
 * Which decision a failed request leaves to the turn, for switches and logs: those of the api package, and
 * `configuration` (nothing can be sent before the user changes something), `unauthorized` (nothing can be sent before
 * the user logs in), `credentials_unavailable` (try again), `internal` (a mistake on this side).
 */
export type RequestFailureCode =
  | CodexErrorCode
  | "configuration"
  | "unauthorized"
  | "credentials_unavailable"
  | "internal";

/** What a failed request means to the turn. */
export interface RequestFailure {
  readonly code: RequestFailureCode;
  /** For people and for the trace. */
  readonly message: string;
  /** Whether the turn tries the request again. */
  readonly retryable: boolean;
  /** Wait the server asked for; `undefined`: back off. */
  readonly retryDelayMs: number | undefined;
  readonly status: number | undefined;
  readonly upstreamRequestId: string | undefined;
  /** `codex_error_info` of protocol events. */
  readonly info: CodexErrorInfo;
  /** The limit that was reached, when that is the failure. */
  readonly rateLimits: RateLimitSnapshot | undefined;
}

/** Longest message of a failure: a server decides what it says, and people and traces have to take it. */
const MAX_MESSAGE_CHARACTERS = 8192;

/** Turns whatever a request failed with into what the turn does about it. The only place where that is decided. */
export function toRequestFailure(error: unknown, errorPolicy: ErrorPolicy): RequestFailure {
  const failure = judge(error, errorPolicy);
  const extra = failure.message.length - MAX_MESSAGE_CHARACTERS;
  if (extra <= 0) return failure;
  const start = failure.message.slice(0, MAX_MESSAGE_CHARACTERS);
  return { ...failure, message: `${start}… (${extra} characters more)` };
}

function judge(error: unknown, errorPolicy: ErrorPolicy): RequestFailure {
  if (ApiError.is(error)) {
    const { usageLimit, ...facts } = toCodexError(error, { errorPolicy });
    const info = facts.info as CodexErrorInfo;
    const failure = {
      ...facts,
      info,
      rateLimits: usageLimit && reachedLimit(usageLimit, errorPolicy),
    };
    // Nothing was sent, and nothing will be different the next time.
    if (error.code !== "request_build") return failure;
    return { ...failure, code: "configuration", message: error.message, retryable: false };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (!ProviderError.is(error)) return localFailure("internal", message);
  if (error.code !== "refresh_token_failed") return localFailure("configuration", message);
  const transient = "kind" in error && error.kind === "transient";
  return transient
    ? { ...localFailure("credentials_unavailable", message), retryable: true }
    : { ...localFailure("unauthorized", message), info: "unauthorized" };
}

/** 0.169 says in the snapshot, too, which kind of limit was reached. */
function reachedLimit(
  { rateLimits, reachedType }: UsageLimitFacts,
  errorPolicy: ErrorPolicy,
): RateLimitSnapshot {
  if (errorPolicy !== "0.169" || reachedType === undefined) return rateLimits;
  return { ...rateLimits, rate_limit_reached_type: reachedType };
}

function localFailure(code: RequestFailureCode, message: string): RequestFailure {
  return {
    code,
    message,
    retryable: false,
    retryDelayMs: undefined,
    status: undefined,
    upstreamRequestId: undefined,
    info: "other",
    rateLimits: undefined,
  };
}
