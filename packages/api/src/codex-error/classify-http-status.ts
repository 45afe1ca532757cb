import type { ErrorPolicy } from "@codex-ts/protocol";
import type { HttpStatusError } from "../errors.ts";
import { finalResponseError, FIXED_TEXTS, policyError } from "../events/response-failure.ts";
import * as classify from "./classify.ts";
import type { Classification } from "./codex-error.ts";
import type { ErrorBody } from "./error-body.ts";
import { readErrorBody } from "./error-body.ts";
import { readUsageLimit } from "./usage-limit.ts";

interface Refusal {
  readonly error: HttpStatusError;
  readonly body: ErrorBody | undefined;
  readonly policy: ErrorPolicy;
}

/** Meaning of a status outside 200–299 to a turn: first match of the table in docs/behavior/api.md 9.2. */
export function classifyHttpStatus(error: HttpStatusError, policy: ErrorPolicy): Classification {
  const refusal: Refusal = { error, body: readErrorBody(error.bodyText), policy };
  return (policy === "0.169" ? newerRefusal(refusal) : undefined) ?? baseRefusal(refusal);
}

function baseRefusal(refusal: Refusal): Classification {
  switch (refusal.error.status) {
    case 503:
      return unavailable(refusal);
    case 400:
      return badRequest(refusal);
    case 500:
      return { code: "internal_server_error", kind: { kind: "internalServerError" } };
    case 429:
      return tooManyRequests(refusal);
    default:
      return unexpectedStatus(refusal);
  }
}

function unavailable(refusal: Refusal): Classification {
  const { error, body, policy } = refusal;
  if (body?.code === "slow_down" && policy === "0.169") {
    return classify.rateLimit(body.message ?? "", policy, error.retryDelayMs);
  }
  const isOverloaded = body?.code === "server_is_overloaded" || body?.code === "slow_down";
  return isOverloaded ? classify.overloaded(error.retryDelayMs) : unexpectedStatus(refusal);
}

/** Searched in the body of a 400, as the service writes it. */
const INVALID_IMAGE_PHRASE = "The image data you provided does not represent a valid image";

function badRequest(refusal: Refusal): Classification {
  const { error, body } = refusal;
  if (body?.code === "cyber_policy") return policyViolation("cyber", body.message);
  if (isInvalidImage(refusal)) {
    return { code: "invalid_image", kind: { kind: "invalidImageRequest" } };
  }
  return classify.invalidRequest(error.bodyText ?? "");
}

function isInvalidImage({ error, body, policy }: Refusal): boolean {
  if (error.bodyText?.includes(INVALID_IMAGE_PHRASE)) return true;
  return (
    policy === "0.169" &&
    body?.code === "invalid_value" &&
    body.param?.endsWith(".image_url") === true
  );
}

function tooManyRequests({ error, body }: Refusal): Classification {
  if (body?.type === "usage_limit_reached") {
    const usageLimit = readUsageLimit(body.raw, error.headers ?? {});
    const { planType, resetsAt, reachedType, promoMessage, rateLimits } = usageLimit;
    return {
      code: "usage_limit_reached",
      usageLimit,
      kind: {
        kind: "usageLimitReached",
        planType: planType ?? null,
        resetsAt: resetsAt ?? null,
        limitName: rateLimits.limit_name,
        reachedType: reachedType ?? null,
        promoMessage: promoMessage ?? null,
      },
    };
  }
  if (body?.type === "usage_not_included") return classify.USAGE_NOT_INCLUDED;
  const requestId = error.upstreamRequestId ?? error.cfRay;
  return classify.retryLimit(error.status, requestId, error.retryDelayMs);
}

function unexpectedStatus({ error }: Refusal): Classification {
  return {
    code: "unexpected_status",
    kind: {
      kind: "unexpectedStatus",
      status: error.status,
      body: error.bodyText ?? "",
      url: error.url ?? null,
      cfRay: error.cfRay ?? null,
      upstreamRequestId: error.upstreamRequestId ?? null,
      authError: error.authError ?? null,
      authErrorCode: error.authErrorCode ?? null,
    },
  };
}

const QUOTA_CODES: ReadonlySet<string | undefined> = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
]);

/** Refusals that only 0.169 knows, by status. */
function newerRefusal({ error, body }: Refusal): Classification | undefined {
  if (body === undefined) return undefined;
  const { status } = error;
  if (status === 429) {
    const isQuota = QUOTA_CODES.has(body.code) || body.type === "insufficient_quota";
    return isQuota ? classify.QUOTA_EXCEEDED : undefined;
  }
  if (body.code === "misalignment_policy_violation" && (status === 400 || status === 403)) {
    return policyViolation("misalignment", body.message);
  }
  if (body.code === "model_not_found" && (status === 400 || status === 404)) {
    const { message } = finalResponseError(body.code, body.message);
    return classify.finalResponse(body.code, message);
  }
  if (status !== 400) return undefined;
  switch (body.code ?? "") {
    case "context_length_exceeded":
      return classify.CONTEXT_WINDOW_EXCEEDED;
    case "invalid_prompt":
      return classify.invalidRequest(body.message ?? FIXED_TEXTS.invalidRequest, body.code);
    case "bio_policy":
      return policyViolation("bio", body.message);
    case "content_policy_violation":
      return policyViolation("content", body.message);
    default:
      return undefined;
  }
}

function policyViolation(
  policy: "cyber" | "bio" | "misalignment" | "content",
  message: string | undefined,
): Classification {
  return classify.policyViolation(policy, policyError(policy, message).message);
}
