import type { ErrorPolicy, HttpStatusError } from "@codex-ts/api";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import {
  CONTEXT_WINDOW,
  OVERLOADED,
  QUOTA,
  USAGE_NOT_INCLUDED,
  failure,
  policyFailure,
  rateLimitFailure,
  retryLimitFailure,
  statusText,
} from "./failure-kinds.ts";
import type { FailureKind, RequestFailure } from "./failure-kinds.ts";
import { usageLimitMessage } from "./usage-limit-message.ts";

const MAX_BODY_BYTES_SHOWN = 1000;
const INVALID_IMAGE_PHRASE = "The image data you provided does not represent a valid image";

/** `error` of a JSON error body, with the members that classify it. Anything of another shape counts as absent. */
interface ErrorBody {
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly raw: JsonObject;
}

/** A status outside 2xx. First match of the table in the api specification, 9.2. */
export function httpStatusFailure(error: HttpStatusError, policy: ErrorPolicy): RequestFailure {
  const body = readErrorBody(error.bodyText);
  const facts = { status: error.status, upstreamRequestId: error.upstreamRequestId };
  switch (error.status) {
    case 503:
      return failure({ ...facts, ...unavailable(error, body, policy) });
    case 400:
      return failure({ ...facts, ...badRequest(error, body, policy) });
    case 500:
      return failure({ ...facts, ...INTERNAL_SERVER_ERROR });
    case 429:
      return failure({ ...facts, ...tooManyRequests(error, body, policy) });
    default:
      return failure({ ...facts, ...otherStatus(error, body, policy) });
  }
}

const INTERNAL_SERVER_ERROR: FailureKind = {
  code: "internal_server_error",
  message: "the service is under high demand and answered with an internal error; try again later",
  retryable: true,
  info: "internal_server_error",
};

function unavailable(
  error: HttpStatusError,
  body: ErrorBody | undefined,
  policy: ErrorPolicy,
): FailureKind {
  const wait = policy === "0.169" ? error.retryDelayMs : undefined;
  if (body?.code === "server_is_overloaded") {
    return { ...OVERLOADED, retryable: wait !== undefined, retryDelayMs: wait };
  }
  if (body?.code === "slow_down") {
    if (policy === "0.140") return OVERLOADED;
    return { ...rateLimitFailure(body.message ?? "slow down", policy), retryDelayMs: wait };
  }
  return unexpectedStatus(error, body, policy);
}

function badRequest(
  error: HttpStatusError,
  body: ErrorBody | undefined,
  policy: ErrorPolicy,
): FailureKind {
  const text = error.bodyText ?? "";
  if (body?.code === "cyber_policy") {
    const said = body.message?.trim();
    return policyFailure("cyber", said === undefined || said === "" ? FLAGGED : said);
  }
  if (text.includes(INVALID_IMAGE_PHRASE)) return INVALID_IMAGE;
  const newer = policy === "0.169" ? finalCode(body, error.status) : undefined;
  return newer ?? { code: "invalid_request", message: text };
}

function tooManyRequests(
  error: HttpStatusError,
  body: ErrorBody | undefined,
  policy: ErrorPolicy,
): FailureKind {
  if (body?.type === "usage_limit_reached") {
    return {
      code: "usage_limit_reached",
      message: usageLimitMessage(body.raw, error.headers ?? {}),
      info: "usage_limit_exceeded",
    };
  }
  if (body?.type === "usage_not_included") return USAGE_NOT_INCLUDED;
  if (policy === "0.169" && body !== undefined && QUOTA_CODES.has(body.code ?? body.type ?? "")) {
    return QUOTA;
  }
  const requestId = error.upstreamRequestId ?? error.cfRay;
  const wait = policy === "0.169" ? error.retryDelayMs : undefined;
  return {
    ...retryLimitFailure(error.status, requestId),
    retryable: wait !== undefined,
    retryDelayMs: wait,
  };
}

function otherStatus(
  error: HttpStatusError,
  body: ErrorBody | undefined,
  policy: ErrorPolicy,
): FailureKind {
  const newer = policy === "0.169" ? finalCode(body, error.status) : undefined;
  return newer ?? unexpectedStatus(error, body, policy);
}

const QUOTA_CODES: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
]);

const FLAGGED = "the request was flagged as a possible cybersecurity risk";

const INVALID_IMAGE: FailureKind = {
  code: "invalid_image",
  message: "the last message holds an image the model cannot read; remove it and try again",
};

/** Codes that 0.169 understands beside the older ones, and at which status. */
function finalCode(body: ErrorBody | undefined, status: number): FailureKind | undefined {
  const message = body?.message ?? "";
  switch (body?.code) {
    case "context_length_exceeded":
      return status === 400 ? CONTEXT_WINDOW : undefined;
    case "invalid_prompt":
      return status === 400 ? { code: "invalid_request", message } : undefined;
    case "bio_policy":
      return status === 400 ? policyFailure("bio", message) : undefined;
    case "content_policy_violation":
      return status === 400 ? policyFailure("content", message) : undefined;
    case "misalignment_policy_violation":
      return status === 400 || status === 403 ? policyFailure("misalignment", message) : undefined;
    case "model_not_found":
      return status === 400 || status === 404 ? { code: "model_unavailable", message } : undefined;
    default:
      return undefined;
  }
}

function unexpectedStatus(
  error: HttpStatusError,
  body: ErrorBody | undefined,
  policy: ErrorPolicy,
): FailureKind {
  const tail = [
    ["url", error.url],
    ["cf-ray", error.cfRay],
    ["request id", error.upstreamRequestId],
    ["auth error", error.authError],
    ["auth error code", error.authErrorCode],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`, ${name}: ${value}`]));
  return {
    code: "unexpected_status",
    message: `unexpected status ${statusText(error.status)}: ${shownText(error, body)}${tail.join("")}`,
    retryable: true,
    info:
      policy === "0.140" ? "other" : { http_connection_failed: { http_status_code: error.status } },
  };
}

function shownText(error: HttpStatusError, body: ErrorBody | undefined): string {
  const said = body?.message?.trim();
  if (said !== undefined && said !== "") return said;
  const text = (error.bodyText ?? "").trim();
  if (text === "") return "Unknown error";
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BODY_BYTES_SHOWN) return text;
  // A character cut in half becomes U+FFFD at the end; cutting it off keeps the boundary.
  return `${bytes
    .subarray(0, MAX_BODY_BYTES_SHOWN)
    .toString("utf8")
    .replace(/\uFFFD$/, "")}...`;
}

function readErrorBody(text: string | undefined): ErrorBody | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  if (!isJsonObject(parsed) || !isJsonObject(parsed["error"])) return undefined;
  const raw = parsed["error"];
  const member = (name: string): string | undefined => {
    const value = raw[name];
    return typeof value === "string" ? value : undefined;
  };
  return { code: member("code"), type: member("type"), message: member("message"), raw };
}
