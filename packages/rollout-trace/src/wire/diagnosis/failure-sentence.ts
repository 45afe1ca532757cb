import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded } from "../records.ts";
import type { FailureCode } from "./classify.ts";

/** A failure and the attempts of its request. */
export interface Failure {
  readonly code: FailureCode;
  readonly attempt: WireAttempt;
  readonly ended: WireAttemptEnded;
  /** Of the whole request, in order. */
  readonly attempts: readonly WireAttempt[];
  /** Tries that failed in the same way. */
  readonly tries: number;
  /** Whether the request got its response after all. */
  readonly isOvercome: boolean;
}

/** One sentence about a failure. */
export function failureSentence(failure: Failure): string {
  const { code, ended, attempt } = failure;
  const { error } = ended;
  switch (code) {
    case "dns_failed":
      return `${hostOf(attempt)} could not be reached: its name was not found${inBrackets(error?.os_code)}.`;
    case "connect_refused":
      return `${hostOf(attempt)} could not be reached: the connection was refused${inBrackets(error?.os_code)}.`;
    case "connect_timeout":
      return `${hostOf(attempt)} could not be reached: no connection within ${seconds(ended.t.ended)}.`;
    case "tls_failed":
      return `${hostOf(attempt)} could not be reached: certificate: ${oneClause(error?.message ?? "")}.`;
    case "proxy_refused":
      return `${hostOf(attempt)} could not be reached: the proxy ${error?.status === undefined && error?.code !== "proxy_authentication" ? `failed: ${oneClause(error?.message ?? "")}` : `responded with ${error.status ?? 407}`}.`;
    case "upgrade_refused":
      return `The server refused the WebSocket upgrade with ${error?.status ?? ended.status ?? "an error"}; ${triesIn(failure)}${wentOn(failure)}.`;
    case "upgrade_blocked":
      return `The connection was cut during the WebSocket upgrade ${times(failure.tries)} in ${elapsed(failure)}, typical of a proxy that does not let WebSockets through${wentOn(failure)}.`;
    case "auth_refused":
      return authSentence(failure);
    case "forbidden_edge":
      return `Cloudflare stopped the request (403${cfRay(failure)}) before it reached the API.`;
    case "rate_limited":
      return limitedSentence(failure);
    case "usage_limit":
      return `The plan's limit is used up${resetTime(failure)}${colon(error?.message)}.`;
    case "overloaded":
      return `The server was overloaded${statusText(failure)} ${times(failure.tries)}; ${outcome(failure)}.`;
    case "server_error":
      return `The server failed${statusText(failure)} ${times(failure.tries)}; ${outcome(failure)}.`;
    case "bad_request":
      return `The server refused the request (${refusalText(failure)})${colon(error?.message)}.`;
    case "no_first_event":
      return noFirstEvent(failure);
    case "stalled":
      return `The stream fell silent for ${seconds(silenceUs(ended))} after ${ended.max_gap_after ?? "its beginning"} (${events(ended.events)}).`;
    case "message_too_big":
      return error?.reason === "event_too_large"
        ? "The server sent an event larger than what is accepted."
        : `The request of ${attempt.started.request.bytes} bytes was too big for a WebSocket message (1009).`;
    case "connection_limit":
      return "The socket had reached its age limit.";
    case "previous_response_lost":
      return `The server no longer knew response ${attempt.started.request.previous_response_id ?? "it was to continue"}; the whole history was sent.`;
    case "socket_closed":
      return `The server closed the socket with ${[ended.close?.code, ended.close?.reason].filter((each) => each !== undefined).join(" ")} after ${events(ended.events)}.`;
    case "cut_mid_stream":
      return cutSentence(failure);
    case "response_failed":
      return `The model's server reported ${serverCodeOf(failure)}${colon(error?.message)}.`;
    case "unknown":
      return `Failed with ${[error?.code ?? "no error", error?.reason].filter((each) => each !== undefined).join("/")}; no rule fits${colon(error?.message)}.`;
  }
  return code satisfies never;
}

function authSentence({ attempt, ended, attempts, isOvercome }: Failure): string {
  const code = ended.error?.server_code;
  const refusal = `${hostOf(attempt)} refused the credentials (401${code === undefined ? "" : ` ${code}`})`;
  if (isOvercome) return `${refusal}.`;
  const steps = [...new Set(attempts.flatMap(({ auth }) => auth).map(({ step }) => step))];
  const last = attempts.flatMap(({ auth }) => auth).at(-1);
  if (last?.outcome === "refused" || last?.outcome === "failed") {
    return `${refusal}, and they could not be renewed (${last.step} ${last.outcome}${last.code === undefined ? "" : `: ${last.code}`}): log in again.`;
  }
  return steps.length === 0
    ? `${refusal}: log in again, or check the key.`
    : `${refusal} also after ${steps.join(" and ")}: log in again.`;
}

function limitedSentence(failure: Failure): string {
  const { ended, attempts, attempt } = failure;
  const waitedMs = attempts.reduce((sum, { retry }) => sum + (retry?.delay_ms ?? 0), 0);
  const asked = retryAfter(attempt);
  const status = ended.error?.status ?? ended.status;
  return `Limited (${status === 429 || status === undefined ? (ended.error?.server_code ?? 429) : status}): ${tries(failure.tries)}, ${seconds(waitedMs * 1000)} waited${asked === undefined ? "" : `; the server asked for ${asked} s`}.`;
}

function retryAfter({ responded }: WireAttempt): string | undefined {
  const value = responded?.headers.find(([name]) => name === "retry-after")?.[1];
  return value !== null && value !== undefined && /^\d{1,9}(\.\d+)?$/.test(value)
    ? value
    : undefined;
}

/** When the first of the plan's windows opens again, as its header says. */
function resetTime({ attempt }: Failure): string {
  const value = attempt.responded?.headers.find(
    ([name]) => name === "x-codex-primary-reset-at",
  )?.[1];
  const unixSeconds = Number(value);
  if (value === null || value === undefined || !(unixSeconds > 0 && unixSeconds < 1e11)) return "";
  return ` until ${new Date(unixSeconds * 1000).toISOString()}`;
}

function noFirstEvent({ ended, attempt }: Failure): string {
  const idleUs = idleBefore(attempt);
  const idle =
    idleUs === undefined || attempt.started.position === undefined
      ? ""
      : `; the connection had been idle for ${seconds(idleUs)} before (a dead reused socket looks like this)`;
  const waitedUs = ended.t.ended - (ended.t.sent ?? 0);
  return `Connected and sent, but no event within ${seconds(waitedUs)}${idle}.`;
}

/** How long a connection had nothing to do before a request that was not its first, in microseconds. */
function idleBefore({ started, connection }: WireAttempt): number | undefined {
  if (connection?.opened === undefined || (started.position ?? 1) < 2) return undefined;
  const { closed } = connection;
  if (closed === undefined) return undefined;
  // Nothing came after the request was sent.
  return Math.max(0, (started.queued_at_ms - (closed.at_ms - closed.idle_ms)) * 1000);
}

function cutSentence({ ended }: Failure): string {
  const { error, events: count, response_bytes: bytes } = ended;
  if (error?.code === "network" && ended.t.responded === null) {
    return `The connection was cut before a response came${inBrackets(error.os_code)}.`;
  }
  const end = "The stream ended without `response.completed`";
  if (error?.reason === "not_understood") {
    return `${end}: none of its ${events(count)} is one of the Responses API (${bytes} bytes).`;
  }
  return `${end} after ${events(count)}, ${bytes} bytes${inBrackets(error?.os_code)}.`;
}

function silenceUs(ended: WireAttemptEnded): number {
  return ended.t.ended - (ended.t.last_event ?? ended.t.responded ?? ended.t.sent ?? 0);
}

function serverCodeOf({ ended }: Failure): string {
  const { error } = ended;
  if (error?.server_code !== undefined) return error.server_code;
  return error?.reason ?? error?.code ?? "a failure";
}

function refusalText({ ended }: Failure): string {
  const { error, status } = ended;
  const parts = [error?.status ?? status, error?.server_code].filter((each) => each !== undefined);
  return parts.length === 0 ? "invalid request" : parts.join(" ");
}

function statusText({ ended }: Failure): string {
  const status = ended.error?.status ?? ended.status;
  return status === undefined || status < 400 ? "" : ` (${status})`;
}

function outcome({ isOvercome, attempts, attempt }: Failure): string {
  if (isOvercome) return `recovered at try ${attempts.length}`;
  return attempt.retry === undefined ? "gave up" : "to be tried again";
}

function cfRay({ attempt }: Failure): string {
  const ray = attempt.ended?.request_ids?.cf_ray ?? attempt.responded?.request_ids.cf_ray;
  return ray === undefined ? "" : `, cf-ray ${ray}`;
}

function wentOn({ attempts }: Failure): string {
  return attempts.some(({ switched }) => switched?.to === "http") ? "; went on over HTTP" : "";
}

function triesIn(failure: Failure): string {
  return `${tries(failure.tries)} in ${elapsed(failure)}`;
}

/** From the first of these tries to the end of the last. */
function elapsed({ attempts, attempt }: Failure): string {
  const first = attempts[0];
  if (first === undefined) return seconds(0);
  const end = attempt.started.queued_at_ms * 1000 + (attempt.ended?.t.ended ?? 0);
  return seconds(Math.max(0, end - first.started.queued_at_ms * 1000));
}

function hostOf({ started }: WireAttempt): string {
  const url = URL.parse(started.url);
  return url === null || url.host === "" ? "The server" : url.host;
}

/** `0.4 s`, `12 s`. */
export function seconds(microseconds: number): string {
  const value = microseconds / 1_000_000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

export function events(count: number): string {
  return `${count} event${count === 1 ? "" : "s"}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function tries(count: number): string {
  return count === 1 ? "1 try" : `${count} tries`;
}

function inBrackets(text: string | undefined): string {
  return text === undefined ? "" : ` (${text})`;
}

function colon(message: string | undefined): string {
  return message === undefined || message === "" ? "" : `: ${oneClause(message)}`;
}

/** A server's words inside a sentence of ours. */
function oneClause(message: string): string {
  return message
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .replace(/[.!]+$/, "");
}
