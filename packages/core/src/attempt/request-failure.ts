import { ApiError, toCodexError } from "@codex-ts/api";
import type { AnyApiError, CodexErrorCode, ErrorPolicy, UsageLimitFacts } from "@codex-ts/api";
import { ProviderError } from "@codex-ts/model-provider";
import type { CodexErrorInfo, RateLimitSnapshot } from "@codex-ts/protocol";
import { TurnLimitError } from "../errors.ts";
import type { TurnLimitCode } from "../errors.ts";
import type { Unreachable } from "../events/turn-event.ts";
import { upstreamRequestIdOf } from "./request-id-of-error.ts";

/**
 * Which decision a failed request leaves to the turn, for switches and logs: those of the api package, and
 * `configuration` (nothing can be sent before the user changes something), `unauthorized` (nothing can be sent before
 * the user logs in), `credentials_unavailable` (try again), `internal` (a mistake on this side), and the limits that end a
 * turn from this side.
 */
export type RequestFailureCode =
  | CodexErrorCode
  | TurnLimitCode
  | "configuration"
  | "unauthorized"
  | "credentials_unavailable"
  | "internal";

/** Meaning of a failed request to the turn. */
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
  /** `response.id` of the response that failed, once the server had named it. */
  readonly responseId: string | undefined;
  /** The server's own message: one line, at most 1000 characters. */
  readonly serverMessage: string | undefined;
  /** Why no API was reached, when that is the failure. */
  readonly unreachable: Unreachable | undefined;
  /** `codex_error_info` of protocol events. */
  readonly info: CodexErrorInfo;
  /** The limit that was reached, when that is the failure. */
  readonly rateLimits: RateLimitSnapshot | undefined;
}

/** Longest message of a failure: a server decides what it says, and people and traces have to take it. */
const MAX_MESSAGE_CHARACTERS = 8192;

/** Turns the error of a request into what the turn does about it. The only place where that is decided. */
export function toRequestFailure(error: unknown, errorPolicy: ErrorPolicy): RequestFailure {
  const verdict = judge(error, errorPolicy);
  const message = limited(verdict.message);
  return {
    ...verdict,
    message,
    upstreamRequestId: upstreamRequestIdOf(error),
    serverMessage: ApiError.is(error) ? error.serverMessage : undefined,
    unreachable: unreachableReason(error),
  };
}

function unreachableReason(error: unknown): Unreachable | undefined {
  if (!ApiError.is(error)) return undefined;
  if (error.code === "network") return error.reason === "other" ? undefined : error.reason;
  const isPage =
    error.code === "http_status" && /html/i.test(error.headers?.["content-type"] ?? "");
  return isPage && NO_SUCH_PAGE.has(error.status) ? "website" : undefined;
}

/** Statuses with which a website reports a missing page. Gateways send pages too, but with other statuses. */
const NO_SUCH_PAGE: ReadonlySet<number> = new Set([
  301, 302, 303, 307, 308, 400, 404, 405, 406, 410,
]);

/** A failure without what is read the same way from every error. */
type Verdict = Omit<RequestFailure, "upstreamRequestId" | "serverMessage" | "unreachable">;

function judge(error: unknown, errorPolicy: ErrorPolicy): Verdict {
  if (ApiError.is(error)) return judgeApiError(error, errorPolicy);
  if (error instanceof TurnLimitError) return localFailure(error.code, error.message);
  const message = error instanceof Error ? error.message : String(error);
  return ProviderError.is(error)
    ? judgeProviderError(error, message)
    : localFailure("internal", message);
}

function judgeApiError(error: AnyApiError, errorPolicy: ErrorPolicy): Verdict {
  const { usageLimit, ...facts } = toCodexError(error, { errorPolicy });
  const failure = {
    ...facts,
    info: facts.info as CodexErrorInfo,
    rateLimits: usageLimit && reachedLimit(usageLimit, errorPolicy),
  };
  switch (error.code) {
    case "request_build":
      // Nothing was sent, and nothing will be different the next time.
      return { ...failure, code: "configuration", message: error.message, retryable: false };
    case "http_status":
    case "network":
    case "proxy_authentication":
    case "timeout":
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
      return failure;
  }
}

function judgeProviderError(error: ProviderError, message: string): Verdict {
  switch (error.code) {
    case "refresh_token_failed":
      return "kind" in error && error.kind === "transient"
        ? { ...localFailure("credentials_unavailable", message), retryable: true }
        : { ...localFailure("unauthorized", message), info: "unauthorized" };
    case "invalid_configuration":
    case "missing_environment_variable":
    case "invalid_model_catalog":
    case "token_command_failed":
    case "login_failed":
    case "credentials_unreadable":
    case "credentials_incomplete":
    case "store_unavailable":
    case "keyring_unavailable":
    case "token_rejected":
      return localFailure("configuration", message);
    default:
      // A newer copy of the provider package may know more codes.
      error.code satisfies never;
      return localFailure("configuration", message);
  }
}

function limited(message: string): string {
  const extra = message.length - MAX_MESSAGE_CHARACTERS;
  if (extra <= 0) return message;
  return `${message.slice(0, MAX_MESSAGE_CHARACTERS)}… (${extra} characters more)`;
}

/** 0.169 says in the snapshot, too, which kind of limit was reached. */
function reachedLimit(
  { rateLimits, reachedType }: UsageLimitFacts,
  errorPolicy: ErrorPolicy,
): RateLimitSnapshot {
  if (errorPolicy !== "0.169" || reachedType === undefined) return rateLimits;
  return { ...rateLimits, rate_limit_reached_type: reachedType };
}

function localFailure(code: RequestFailureCode, message: string): Verdict {
  return {
    code,
    message,
    retryable: false,
    retryDelayMs: undefined,
    status: undefined,
    responseId: undefined,
    info: "other",
    rateLimits: undefined,
  };
}
