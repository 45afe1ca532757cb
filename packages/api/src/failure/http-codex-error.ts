import type { ErrorPolicy } from "../error-policy.ts";
import type { HttpStatusError } from "../errors.ts";
import { fixedTexts, policyError } from "../events/response-failure.ts";
import type { CodexError } from "./codex-error.ts";
import { codexError, rateLimitFacts } from "./codex-error.ts";
import type { ErrorBody } from "./error-body.ts";
import { readErrorBody } from "./error-body.ts";
import { retryLimitText } from "./status-text.ts";
import { unexpectedStatusText } from "./unexpected-status-text.ts";
import { readUsageLimit, usageLimitText } from "./usage-limit.ts";

type Facts = Pick<CodexError, "code" | "message"> & Partial<CodexError>;

interface Refusal {
  readonly error: HttpStatusError;
  readonly body: ErrorBody | undefined;
  readonly policy: ErrorPolicy;
  readonly nowMs: number;
}

/** What a status outside 200–299 means to a turn: first match of the table in api.md 9.2. */
export function httpCodexError(
  error: HttpStatusError,
  options: { readonly policy: ErrorPolicy; readonly nowMs: number },
): CodexError {
  const refusal: Refusal = { error, body: readErrorBody(error.bodyText), ...options };
  return codexError({
    status: error.status,
    upstreamRequestId: error.upstreamRequestId,
    ...((options.policy === "0.169" ? newerRefusal(refusal) : undefined) ?? baseRefusal(refusal)),
  });
}

function baseRefusal(refusal: Refusal): Facts {
  switch (refusal.error.status) {
    case 503:
      return unavailable(refusal);
    case 400:
      return badRequest(refusal);
    case 500:
      return {
        code: "internal_server_error",
        message: "the service is under high demand and could not answer: try again later",
        retryable: true,
        retryDelayMs: askedDelay(refusal),
        info: "internal_server_error",
      };
    case 429:
      return tooManyRequests(refusal);
    default:
      return unexpectedStatus(refusal);
  }
}

function unavailable(refusal: Refusal): Facts {
  const { body, policy } = refusal;
  const delayMs = askedDelay(refusal);
  if (body?.code === "slow_down" && policy === "0.169") {
    return { ...rateLimitFacts(body.message ?? "", policy), retryDelayMs: delayMs };
  }
  if (body?.code !== "server_is_overloaded" && body?.code !== "slow_down") {
    return unexpectedStatus(refusal);
  }
  return {
    code: "server_overloaded",
    message: fixedTexts.serverOverloaded,
    // With a wait to keep, 0.169 tries again.
    retryable: delayMs !== undefined,
    retryDelayMs: delayMs,
    info: "server_overloaded",
  };
}

/** Searched in the body of a 400, as the service writes it. */
const invalidImagePhrase = "The image data you provided does not represent a valid image";

function badRequest(refusal: Refusal): Facts {
  const { error, body } = refusal;
  if (body?.code === "cyber_policy") return policyFacts("cyber", body.message);
  if (isInvalidImage(refusal)) {
    return {
      code: "invalid_image",
      message: "the conversation holds an image the model cannot read: remove it and try again",
    };
  }
  return { code: "invalid_request", message: error.bodyText ?? "" };
}

function isInvalidImage({ error, body, policy }: Refusal): boolean {
  if (error.bodyText?.includes(invalidImagePhrase)) return true;
  return (
    policy === "0.169" &&
    body?.code === "invalid_value" &&
    body.param?.endsWith(".image_url") === true
  );
}

function tooManyRequests(refusal: Refusal): Facts {
  const { error, body, nowMs } = refusal;
  if (body?.type === "usage_limit_reached") {
    const usageLimit = readUsageLimit(body.raw, error.headers ?? {});
    return {
      code: "usage_limit_reached",
      message: usageLimitText(usageLimit, nowMs),
      usageLimit,
      info: "usage_limit_exceeded",
    };
  }
  if (body?.type === "usage_not_included") {
    return {
      code: "usage_not_included",
      message: fixedTexts.usageNotIncluded,
      info: "usage_limit_exceeded",
    };
  }
  const requestId = error.upstreamRequestId ?? error.cfRay;
  const delayMs = askedDelay(refusal);
  return {
    code: "retry_limit",
    message: retryLimitText(error.status, requestId),
    retryable: delayMs !== undefined,
    retryDelayMs: delayMs,
    info: { response_too_many_failed_attempts: { http_status_code: error.status } },
  };
}

function unexpectedStatus(refusal: Refusal): Facts {
  return {
    code: "unexpected_status",
    message: unexpectedStatusText(refusal.error, refusal.body?.message),
    retryable: true,
    retryDelayMs: askedDelay(refusal),
  };
}

const quotaCodes: ReadonlySet<string | undefined> = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
]);

/** What 0.169 understands beside the older rules, and at which status. */
function newerRefusal({ error, body }: Refusal): Facts | undefined {
  if (body === undefined) return undefined;
  const { status } = error;
  if (status === 429) {
    return quotaCodes.has(body.code) || body.type === "insufficient_quota"
      ? {
          code: "quota_exceeded",
          message: fixedTexts.quotaExceeded,
          info: "usage_limit_exceeded",
        }
      : undefined;
  }
  if (body.code === "misalignment_policy_violation" && (status === 400 || status === 403)) {
    return policyFacts("misalignment", body.message);
  }
  if (body.code === "model_not_found" && (status === 400 || status === 404)) {
    const message = body.message ?? "the model does not exist or this account may not use it";
    return { code: "final_response", serverCode: "model_not_found", message };
  }
  if (status !== 400) return undefined;
  switch (body.code ?? "") {
    case "context_length_exceeded":
      return {
        code: "context_window_exceeded",
        message: fixedTexts.contextWindowExceeded,
        info: "context_window_exceeded",
      };
    case "invalid_prompt":
      return { code: "invalid_request", message: body.message ?? fixedTexts.invalidRequest };
    case "bio_policy":
      return policyFacts("bio", body.message);
    case "content_policy_violation":
      return policyFacts("content", body.message);
    default:
      return undefined;
  }
}

function policyFacts(
  policy: "cyber" | "bio" | "misalignment" | "content",
  said: string | undefined,
): Facts {
  const { message } = policyError(policy, said, { upstreamRequestId: undefined });
  return { code: "policy", message, policy, info: policy === "cyber" ? "cyber_policy" : "other" };
}

function askedDelay({ error, policy }: Refusal): number | undefined {
  return policy === "0.169" ? error.retryDelayMs : undefined;
}
