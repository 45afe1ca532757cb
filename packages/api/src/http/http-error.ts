import { isJsonObject } from "@codex-ts/protocol";
import type { ApiErrorFacts } from "../errors.ts";
import { HttpStatusError, NetworkError } from "../errors.ts";
import { redactHeaders, redactUrl } from "../observe/redaction.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { wordsOfBody } from "../events/server-words.ts";
import { connectionFailure } from "./connection-failure.ts";
import { parseRetryAfter } from "./retry-policy.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerPairs, headerText } from "../headers/response-headers.ts";

export interface HttpErrorSource {
  readonly status: number;
  /** `undefined` for an error wrapped in a WebSocket event. */
  readonly url: string | undefined;
  readonly headers: ResponseHeaders;
  /** As captured when the headers arrived, without secrets. */
  readonly upstreamRequestId: string | undefined;
  readonly bodyText: string | undefined;
  /** Credentials that the error must not repeat. */
  readonly secrets: SecretSet;
  readonly nowMs: number;
  readonly maxRetryAfterMs: number;
}

/**
 * The error for a response outside 200–299, with every fact of its headers. The caller scrubs it, as it does every error:
 * the page of a server takes long, and what is decoded here may hold a credential again.
 */
export function httpStatusError(source: HttpErrorSource): HttpStatusError {
  const { status, headers, secrets, nowMs, maxRetryAfterMs: maxMs } = source;
  // Before anything is cut out of it.
  const bodyText = source.bodyText && secrets.scrubBeginning(source.bodyText);
  const words = bodyText === undefined ? undefined : wordsOfBody(bodyText);
  return new HttpStatusError({
    status,
    serverMessage: words?.message ?? words?.code,
    serverCode: words?.code,
    url: source.url === undefined ? undefined : redactUrl(source.url),
    headers: redactedRecord(headers, secrets),
    bodyText,
    upstreamRequestId: source.upstreamRequestId,
    retryDelayMs: parseRetryAfter(headerText(headers, "retry-after"), { nowMs, maxMs }),
    cfRay: headerText(headers, "cf-ray"),
    authError: headerText(headers, "x-openai-authorization-error"),
    authErrorCode: authErrorCode(headerText(headers, "x-error-json")),
  });
}

function redactedRecord(
  headers: ResponseHeaders,
  secrets: SecretSet,
): Readonly<Record<string, string>> {
  // Without a prototype, because the names are the server's.
  const record = Object.create(null) as Record<string, string>;
  for (const [name, value] of redactHeaders(headerPairs(headers), { secrets })) {
    record[name] ??= value;
  }
  return record;
}

function authErrorCode(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    const error = isJsonObject(value) ? value["error"] : undefined;
    const code = isJsonObject(error) ? error["code"] : undefined;
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

/** The error for a request that could not be sent or whose response was cut off; `facts` of a response that had begun. */
export function networkError(error: Error, facts: ApiErrorFacts = {}): NetworkError {
  // undici keeps the bytes its parser stumbled over; they may repeat a credential.
  if ("data" in error) error.data = undefined;
  const detail = describeSocketError(error);
  const failure = connectionFailure(error, UNREQUESTED_RESPONSES.get(detail) ?? detail);
  return new NetworkError(failure.detail, { ...facts, reason: failure.reason, cause: error });
}

/** Words for undici's errors about responses that HTTP allows and undici does not take. */
const UNREQUESTED_RESPONSES: ReadonlyMap<string, string> = new Map([
  ["bad response", "the server sent 100 Continue, which the request did not ask for"],
  ["bad upgrade", "the server changed to another protocol, which the request did not ask for"],
]);

/** One line about a socket error. Some have no message of their own: several addresses failed, or only a code is set. */
export function describeSocketError(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  const message = error.message || (inner instanceof Error ? inner.message : "");
  const code = (error as NodeJS.ErrnoException).code;
  // What undici takes for impossible: a status below 100, or 101 without a protocol. The text is a piece of its source.
  if (code === "ERR_ASSERTION") return "the head of the server's response is none that HTTP allows";
  return (message || code || error.name).split("\n", 1)[0] ?? error.name;
}
