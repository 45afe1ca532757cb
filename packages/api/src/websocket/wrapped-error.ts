import type { ErrorPolicy, JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import { RetryableError } from "../errors.ts";
import { httpStatusError } from "../http/http-error.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { errorRequestId } from "../headers/upstream-request-id.ts";
import { wordsIn } from "../events/server-words.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import type { SecretSet } from "../secrets/secret-set.ts";

/** Settings for reading a wrapped error. */
export interface WrappedErrorContext {
  readonly policy: ErrorPolicy;
  readonly nowMs: number;
  readonly maxRetryAfterMs: number;
  /** Credentials of the handshake, which the error must not repeat. */
  readonly secrets: SecretSet;
}

const LIMIT_REACHED = "websocket_connection_limit_reached";
const PREVIOUS_RESPONSE_LOST = "previous_response_not_found";

/**
 * The error in an `error` message, which wraps an HTTP response, without credentials; `undefined` when it is none to act
 * on, because it has no status or a good one. Source: docs/behavior/api.md 10.5.1.
 */
export function readWrappedError(
  event: JsonObject,
  text: string,
  context: WrappedErrorContext,
): AnyApiError | undefined {
  const error = wrappedError(event, text, context);
  return error && scrubError(error, context.secrets);
}

function wrappedError(
  event: JsonObject,
  text: string,
  context: WrappedErrorContext,
): AnyApiError | undefined {
  const error = isJsonObject(event["error"]) ? event["error"] : {};
  const code = textOf(error["code"]);
  const message = wordsIn(event)?.message;
  if (code === LIMIT_REACHED) {
    const fallback = "the connection has reached its 60-minute limit: open a new one";
    return new RetryableError(message ?? fallback, { serverCode: code, serverMessage: message });
  }
  if (code === PREVIOUS_RESPONSE_LOST && context.policy === "0.169") {
    const fallback = "the server no longer knows the previous response: send the whole request";
    return new RetryableError(message ?? fallback, { serverCode: code, serverMessage: message });
  }
  const status = statusOf(event["status"]) ?? statusOf(event["status_code"]);
  if (status === undefined || (status >= 200 && status <= 299)) return undefined;
  const headers = headersOf(event["headers"]);
  const requestId = errorRequestId(headers);
  return httpStatusError({
    status,
    url: undefined,
    headers,
    upstreamRequestId: requestId,
    bodyText: text,
    secrets: context.secrets,
    nowMs: context.nowMs,
    maxRetryAfterMs: context.maxRetryAfterMs,
  });
}

function headersOf(value: JsonValue | undefined): ResponseHeaders {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!isJsonObject(value)) return headers;
  for (const [name, member] of Object.entries(value)) {
    const isScalar =
      typeof member === "string" || typeof member === "number" || typeof member === "boolean";
    if (isScalar) headers[name.toLowerCase()] = String(member);
  }
  return headers;
}

function statusOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 100 && value <= 599
    ? value
    : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
