import type { ErrorPolicy, JsonValue } from "@codex-ts/protocol";
import { codexErrorText, isJsonObject } from "@codex-ts/protocol";
import type { AnyApiError, ApiErrorFacts, FinalServerCode } from "../errors.ts";
import {
  ContextWindowExceededError,
  FinalResponseError,
  InvalidRequestError,
  PolicyError,
  QuotaExceededError,
  RateLimitError,
  RetryableError,
  ServerOverloadedError,
  StreamError,
  UsageNotIncludedError,
} from "../errors.ts";
import { parseRetryHint } from "./retry-hint.ts";
import { oneLineOf, withoutControls, wordsIn, wordsText } from "./server-words.ts";

/** Where a failure was seen. */
export interface FailureContext {
  readonly policy: ErrorPolicy;
  readonly upstreamRequestId: string | undefined;
  /** Of the response, once it is known. */
  readonly responseId?: string | undefined;
}

interface ServerError {
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** Error of a `response.failed` event, from which credentials have been taken out. Classified by `error.code` alone. Source: docs/behavior/api.md 7.4. */
export function responseFailure(
  response: JsonValue | undefined,
  context: FailureContext,
): AnyApiError {
  const error = isJsonObject(response) ? readServerError(response["error"]) : undefined;
  // A gateway may say why in another member than the agreed one, or by the code alone.
  const reason = error?.message ?? wordsIn(response)?.message ?? error?.code;
  if (error === undefined) return unusableFailure(response, context);
  const facts = {
    ...idsOf(context),
    serverMessage: reason === undefined ? undefined : oneLineOf(reason),
    serverCode: error.code === undefined ? undefined : oneLineOf(error.code),
  };
  return (
    classifyBaseline(error, context.policy, facts) ??
    (context.policy === "0.169" ? classify169(error, facts) : undefined) ??
    new RetryableError(reason ?? "", facts)
  );
}

function idsOf({ upstreamRequestId, responseId }: FailureContext): ApiErrorFacts {
  return { upstreamRequestId, responseId };
}

/** A failure without an `error` of the agreed shape; words are taken from the value in its place. */
function unusableFailure(response: JsonValue | undefined, context: FailureContext): StreamError {
  const words = wordsIn(response);
  const said = words === undefined ? "" : `; the server said: ${wordsText(words)}`;
  return new StreamError(`response.failed event received${said}`, {
    ...idsOf(context),
    reason: "failed_without_detail",
    serverMessage: words?.message ?? words?.code,
    serverCode: words?.code,
  });
}

function classifyBaseline(
  { code, message }: ServerError,
  policy: ErrorPolicy,
  facts: ApiErrorFacts,
): AnyApiError | undefined {
  switch (code ?? "") {
    case "context_length_exceeded":
      return new ContextWindowExceededError(FIXED_TEXTS.contextWindowExceeded, facts);
    case "insufficient_quota":
      return new QuotaExceededError(FIXED_TEXTS.quotaExceeded, facts);
    case "usage_not_included":
      return new UsageNotIncludedError(FIXED_TEXTS.usageNotIncluded, facts);
    case "cyber_policy":
      return policyError("cyber", message, facts);
    case "invalid_prompt":
      return new InvalidRequestError(message ?? FIXED_TEXTS.invalidRequest, facts);
    case "server_is_overloaded":
      return new ServerOverloadedError(FIXED_TEXTS.serverOverloaded, facts);
    case "slow_down":
      return policy === "0.169"
        ? new RateLimitError(message ?? "", facts)
        : new ServerOverloadedError(FIXED_TEXTS.serverOverloaded, facts);
    case "rate_limit_exceeded": {
      const hinted = { ...facts, retryDelayMs: parseRetryHint(message) };
      return policy === "0.169"
        ? new RateLimitError(message ?? "", hinted)
        : new RetryableError(message ?? "", hinted);
    }
    default:
      return undefined;
  }
}

function classify169(
  { code, message }: ServerError,
  facts: ApiErrorFacts,
): AnyApiError | undefined {
  switch (code) {
    case "credit_balance_exhausted":
    case "organization_spend_limit_exceeded":
    case "project_spend_limit_exceeded":
      return new QuotaExceededError(FIXED_TEXTS.quotaExceeded, facts);
    case "bio_policy":
      return policyError("bio", message, facts);
    case "misalignment_policy_violation":
      return policyError("misalignment", message, facts);
    case "content_policy_violation":
      return policyError("content", message, facts);
    case "model_not_found":
    case "access_program_not_enabled":
    case "inference_hook_denied":
    case "policy_capacity_unavailable":
    case "budget_reached":
    case "invalid_audio":
      return finalResponseError(code, message, facts);
    case undefined:
    default:
      return undefined;
  }
}

/** Own wording, shared by the events of a stream and the bodies of refused requests. */
export const FIXED_TEXTS: Readonly<Record<FixedText, string>> = {
  contextWindowExceeded: codexErrorText({ kind: "contextWindowExceeded" }),
  quotaExceeded: codexErrorText({ kind: "quotaExceeded" }),
  usageNotIncluded: codexErrorText({ kind: "usageNotIncluded" }),
  serverOverloaded: codexErrorText({ kind: "serverOverloaded", retryDelayMs: null }),
  invalidRequest: "the server refused the request as invalid",
};

type FixedText =
  | "contextWindowExceeded"
  | "quotaExceeded"
  | "usageNotIncluded"
  | "serverOverloaded"
  | "invalidRequest";

const POLICY_FALLBACKS = {
  cyber: "the request was flagged for a possible cybersecurity risk",
  bio: "the request was flagged for a possible biological risk",
  misalignment: "the response was stopped for a possible misalignment",
  content: "the request was refused by the content policy",
} as const;

/** Error of a safety policy; a blank message is replaced by a fixed one. */
export function policyError(
  policy: PolicyError["policy"],
  message: string | undefined,
  facts: ApiErrorFacts = {},
): PolicyError {
  const text = message === undefined || message.trim() === "" ? POLICY_FALLBACKS[policy] : message;
  return new PolicyError(text, { ...facts, policy });
}

const FINAL_FALLBACKS: Readonly<Record<FinalServerCode, string>> = {
  model_not_found: "the model does not exist or this account may not use it",
  access_program_not_enabled: "the access program this request needs is not enabled",
  inference_hook_denied: "a hook of the organization denied the request",
  policy_capacity_unavailable: "the safety check this request needs has no capacity now",
  budget_reached: "the budget of this session is used up",
  invalid_audio: "the audio in the request is not valid",
};

/** The last three codes keep their own text; the others show the server's message. */
const OWN_TEXT_CODES: ReadonlySet<FinalServerCode> = new Set([
  "policy_capacity_unavailable",
  "budget_reached",
  "invalid_audio",
]);

export function finalResponseError(
  serverCode: FinalServerCode,
  message: string | undefined,
  facts: ApiErrorFacts = {},
): FinalResponseError {
  const useOwn = OWN_TEXT_CODES.has(serverCode) || message === undefined || message.trim() === "";
  return new FinalResponseError(useOwn ? FINAL_FALLBACKS[serverCode] : message, {
    ...facts,
    serverCode,
  });
}

/** `undefined` when there is no usable error object: a known member of the wrong type spoils the whole of it. */
function readServerError(value: JsonValue | undefined): ServerError | undefined {
  if (!isJsonObject(value)) return undefined;
  const { type, code, message, plan_type: planType, resets_at: resetsAt } = value;
  for (const text of [type, code, message, planType]) {
    if (text !== undefined && text !== null && typeof text !== "string") return undefined;
  }
  if (resetsAt !== undefined && resetsAt !== null && !Number.isInteger(resetsAt)) return undefined;
  return {
    code: typeof code === "string" ? code : undefined,
    message: typeof message === "string" ? withoutControls(message) : undefined,
  };
}

/** Error of a `response.incomplete` event, from which credentials have been taken out. Source: docs/behavior/api.md 7.5. */
export function incompleteFailure(
  response: JsonValue | undefined,
  context: FailureContext,
): StreamError {
  const details = isJsonObject(response) ? response["incomplete_details"] : undefined;
  const reason = isJsonObject(details) ? details["reason"] : undefined;
  const incompleteReason = typeof reason === "string" ? withoutControls(reason) : "unknown";
  return new StreamError(`Incomplete response returned, reason: ${incompleteReason}`, {
    reason: "incomplete",
    incompleteReason,
    ...idsOf(context),
  });
}

/**
 * True when a failure event ends an HTTP stream at once. Otherwise it is remembered and delivered when the body ends,
 * so that a later completed event can still rescue the response. Source: docs/behavior/api.md 7.6.
 */
export function endsStreamAtOnce(error: AnyApiError, policy: ErrorPolicy): boolean {
  if (policy === "0.140") return false;
  switch (error.code) {
    case "stream":
      return error.reason === "incomplete" && error.incompleteReason !== "content_filter";
    case "retryable":
    case "rate_limit":
      return false;
    case "http_status":
    case "network":
    case "timeout":
    case "request_build":
    case "proxy_authentication":
    case "retry_limit":
    case "context_window_exceeded":
    case "quota_exceeded":
    case "usage_not_included":
    case "server_overloaded":
    case "invalid_request":
    case "policy":
    case "final_response":
      return true;
    default:
      error satisfies never;
      return true;
  }
}
