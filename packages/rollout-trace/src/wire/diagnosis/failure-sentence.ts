import { plural } from "../../plural.ts";
import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded, WireError } from "../records.ts";
import type { FailureCode } from "./classify.ts";
import {
  headerOf,
  isContextExceeded,
  isCutBeforeResponse,
  isDamaged,
  isForOtherNames,
  isRedirect,
  isWithoutTls,
  longestWaitMs,
  namesOfCertificate,
  retryAfterOf,
  silenceUs,
  wordsOf,
} from "./failure-facts.ts";
import {
  colon,
  distinctlyListed,
  events,
  inBrackets,
  listed,
  oneClause,
  seconds,
  times,
  tries,
} from "./wording.ts";

/** A failure and the attempts of its request. */
export interface Failure {
  readonly code: FailureCode;
  readonly attempt: WireAttempt;
  readonly ended: WireAttemptEnded;
  /** Of the whole request, in order. */
  readonly attempts: readonly WireAttempt[];
  /** Ends of all that failed in the same way, in order: what differs among them is named of each. */
  readonly alike: readonly WireAttemptEnded[];
  /** Whether the request got its response after all. */
  readonly isOvercome: boolean;
  /** Whether it was stopped before another try was made. */
  readonly isStopped: boolean;
  /** Whether the history was compacted in the same turn before. */
  readonly isAfterCompaction: boolean;
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
      return isOverHttp(failure)
        ? `${hostOf(attempt)} opened no WebSocket within ${seconds(ended.t.ended)}${wentOn(failure)}.`
        : `${hostOf(attempt)} could not be reached: no connection within ${seconds(ended.t.ended)}.`;
    case "tls_failed":
      return tlsSentence(failure);
    case "proxy_refused":
      return `${hostOf(attempt)} could not be reached: the proxy ${error?.status === undefined && error?.code !== "proxy_authentication" ? `failed: ${oneClause(proxyWords(error)[0])}` : `responded with ${error.status ?? 407}`}.`;
    case "upgrade_refused":
      return `The server refused the WebSocket upgrade with ${distinctlyListed(failure.alike.map(statusOf)) || "an error"}${saidInTheEnd(failure)}; ${handshakesIn(failure)}${wentOn(failure)}.`;
    case "upgrade_blocked":
      return `The connection was cut during the WebSocket upgrade ${times(failure.alike.length)} in ${elapsed(failure)}, typical of a proxy that does not let WebSockets through${wentOn(failure)}.`;
    case "auth_refused":
      return authSentence(failure);
    case "forbidden_edge":
      return `Cloudflare stopped the request ${timesIfMany(failure)}(403) before it reached the API.`;
    case "rate_limited":
      return limitedSentence(failure);
    case "usage_limit":
      return `The plan's limit is used up${resetTime(failure)}${colon(error?.message)}.`;
    case "overloaded":
      return `The server was overloaded${inBrackets(statusesOf(failure))} ${times(failure.alike.length)}${outcome(failure)}${saidInTheEnd(failure)}.`;
    case "server_error":
      return `The server failed${inBrackets(statusesOf(failure))} ${times(failure.alike.length)}${outcome(failure)}${saidInTheEnd(failure)}.`;
    case "bad_request":
      if (isRedirect(ended)) return redirectSentence(failure);
      return `The server refused the request ${timesIfMany(failure)}${isTooLarge(failure) ? "as too large " : ""}(${refusalText(failure)})${colon(wordsOf(error))}${sizeIfTooLarge(failure)}.`;
    case "no_first_event":
      return noFirstEvent(failure);
    case "stalled":
      return stalledSentence(failure);
    case "message_too_big":
      return error?.reason === "event_too_large"
        ? "The server sent an event larger than what is accepted."
        : `The request of ${attempt.started.request.bytes} bytes was too big for a WebSocket message (1009).`;
    case "connection_limit":
      return "The socket had reached its age limit.";
    case "previous_response_lost":
      return `The server no longer knew response ${attempt.started.request.previous_response_id ?? "it was to continue"}; the whole history was sent.`;
    case "socket_closed":
      return `The server closed the socket ${timesIfMany(failure)}with ${distinctlyListed(failure.alike.map(closeText))} after ${eventsOf(failure)}.`;
    case "cut_mid_stream":
      return cutSentence(failure);
    case "response_failed":
      return `The model's server reported ${serverCodeOf(failure)}${inBrackets(failure.alike.length > 1 ? times(failure.alike.length) : "")}${colon(error?.message)}${sizeIfTooLarge(failure)}.`;
    case "unknown":
      return `Failed with ${[error?.code ?? "no error", error?.reason].filter((each) => each !== undefined).join("/")}; no rule fits${colon(error?.message)}.`;
  }
  return code satisfies never;
}

function tlsSentence({ attempt, ended: { error } }: Failure): string {
  const reached = `${hostOf(attempt)} was reached, but`;
  const said = colon(error?.message);
  if (isWithoutTls(error)) return `${reached} does not speak TLS${said}.`;
  if (!isForOtherNames(error)) return `${reached} its certificate was refused${said}.`;
  const names = oneClause(namesOfCertificate(error) ?? "");
  const which = names === "" ? `, which the error does not list${said}` : `: ${names}`;
  return `${reached} its certificate is for other names${which}${inBrackets(error?.os_code)}.`;
}

/** The cause comes first: credentials that could be renewed would not have been refused in the end. */
function authSentence({ attempt, ended, attempts, alike, isOvercome }: Failure): string {
  const code = ended.error?.server_code;
  const refusal = `${hostOf(attempt)} refused the credentials (401${code === undefined ? "" : ` ${code}`})`;
  if (isOvercome) return `${refusal}.`;
  const renewals = attempts.flatMap(({ auth }) => auth);
  const last = renewals.at(-1);
  if (last?.outcome === "refused" || last?.outcome === "failed") {
    const same = renewals.filter((each) => each.outcome === last.outcome);
    const why = distinctlyListed(
      same.map(
        (each) => each.code ?? (each.status === undefined ? undefined : `status ${each.status}`),
      ),
    );
    const count = same.length > 1 ? ` ${times(same.length)}` : "";
    const renewal = `${last.step} ${last.outcome}${count}${why === "" ? "" : `: ${why}`}`;
    return `The login could not be renewed (${renewal}), so ${refusal}${alike.length > 1 ? ` in ${tries(alike.length)}` : ""}.`;
  }
  const steps = [...new Set(renewals.map(({ step }) => step))];
  return steps.length === 0 ? `${refusal}.` : `${refusal} also after ${steps.join(" and ")}.`;
}

function limitedSentence(failure: Failure): string {
  const { ended, attempts, attempt } = failure;
  // A wait that no try followed was not waited to its end.
  const waitedMs = attempts
    .slice(0, -1)
    .reduce((sum, { retry }) => sum + (retry?.delay_ms ?? 0), 0);
  const asked = retryAfterOf(attempt);
  const limit = distinctlyListed(failure.alike.map(limitText));
  const said = colon(ended.error?.message);
  return `Limited (${limit}): ${tries(failure.alike.length)}${waitedMs === 0 ? "" : `, ${seconds(waitedMs * 1000)} waited`}${asked === undefined ? "" : `; the server asked for ${asked} s${limitOfWait(attempt)}`}${said === "" ? "" : `; it said${said}`}.`;
}

function limitOfWait(attempt: WireAttempt): string {
  const limitMs = longestWaitMs(attempt);
  return limitMs === undefined
    ? ""
    : `, this client waits ${seconds(limitMs * 1000)} at most, so another try would have come too early`;
}

/** A response that began, status 200, can say so too. */
function limitText({ error, status }: WireAttemptEnded): string {
  const refusal = error?.status ?? status ?? 0;
  const parts = [refusal >= 400 ? refusal : undefined, error?.server_code];
  return parts.filter((each) => each !== undefined).join(" ") || "429";
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

function noFirstEvent({ alike, attempt }: Failure): string {
  const idleUs = idleBefore(attempt);
  const idle =
    idleUs === undefined || attempt.started.position === undefined
      ? ""
      : `; the connection had been idle for ${seconds(idleUs)} before (a dead reused socket looks like this)`;
  const waited = distinctlyListed(alike.map(({ t }) => seconds(t.ended - (t.sent ?? 0))));
  return `Connected and sent, but no event within ${waited}${alike.length > 1 ? `, ${times(alike.length)}` : ""}${idle}.`;
}

function stalledSentence(failure: Failure): string {
  const { alike } = failure;
  const silence = distinctlyListed(alike.map((each) => seconds(silenceUs(each))));
  const after = distinctlyListed(alike.map((each) => each.max_gap_after ?? "its beginning"));
  return `The stream fell silent ${timesIfMany(failure)}for ${silence} after ${after} (${eventsOf(failure)}).`;
}

/** How long a connection had nothing to do before a request that was not its first, in microseconds. */
function idleBefore({ started, connection }: WireAttempt): number | undefined {
  if (connection?.opened === undefined || (started.position ?? 1) < 2) return undefined;
  const { closed } = connection;
  if (closed === undefined) return undefined;
  // Nothing came after the request was sent.
  return Math.max(0, (started.queued_at_ms - (closed.at_ms - closed.idle_ms)) * 1000);
}

function cutSentence(failure: Failure): string {
  const { ended, alike } = failure;
  const osCodes = inBrackets(distinctlyListed(alike.map(({ error }) => error?.os_code)));
  const streams = alike.filter((each) => !isCutBeforeResponse(each));
  if (streams.length === 0) {
    const when = alike.every(({ t }) => t.connected === null)
      ? "while it was made"
      : "before a response came";
    const why = osCodes === "" ? colon(ended.error?.message) : osCodes;
    return `The connection was cut ${timesIfMany(failure)}${when}${why}.`;
  }
  const unanswered = alike.length - streams.length;
  const also = unanswered === 0 ? "" : `; ${times(unanswered)} it was cut before a response came`;
  const count = streams.length > 1 ? ` in ${tries(streams.length)}` : "";
  const end = `The stream ended without \`response.completed\`${count}`;
  const received = `${listed(streams.map(({ response_bytes: bytes }) => bytes))} bytes`;
  if (ended.error?.reason === "not_understood") {
    const type = headerOf(failure.attempt, "content-type") ?? "no content-type";
    if (ended.events === 0) {
      return `What came${count} was no response of the Responses API (${oneClause(type)}, ${received})${also}.`;
    }
    return `${end}: none of its ${eventsOf({ alike: streams })} is one of the Responses API (${oneClause(type)}, ${received})${also}.`;
  }
  const broken = isDamaged(ended.error) ? DAMAGED : BROKEN.get(ended.error?.reason ?? "");
  if (broken !== undefined) {
    return `${broken}${count} after ${eventsOf({ alike: streams })}, ${received}${osCodes}${also}.`;
  }
  return `${end} after ${eventsOf({ alike: streams })}, ${received}${osCodes}${also}.`;
}

const DAMAGED = "The response could not be decompressed";

/** Streams that did not end by themselves: what came in them could not be taken. */
const BROKEN: ReadonlyMap<string, string> = new Map([
  ["invalid_utf8", "The stream had bytes that are no UTF-8"],
  ["binary_message", "The server sent a binary message, of which the Responses API has none,"],
]);

/** The last one, with how many were followed before. */
function redirectSentence(failure: Failure): string {
  const { redirects } = failure.ended;
  const before = redirects === 0 ? "" : `, after ${plural(redirects, "redirect")} that led on`;
  return `The server redirected the request ${timesIfMany(failure)}in place of a response (${refusalText(failure)}${before}).`;
}

/** The failure of a proxy, and what can be done about it, from its error. */
export function proxyWords(
  error: WireError | undefined,
): readonly [failed: string, advice?: string] {
  const [failed = "", ...advice] = (error?.message ?? "").split("; ");
  return advice.length === 0 ? [failed] : [failed, advice.join("; ")];
}

/** `18 events`, `12, 15 and 18 events`. */
function eventsOf({ alike }: Pick<Failure, "alike">): string {
  const counts = alike.map((each) => each.events);
  const [first = 0] = counts;
  return counts.every((count) => count === first) ? events(first) : `${listed(counts)} events`;
}

function closeText({ close }: WireAttemptEnded): string {
  return [close?.code, close?.reason].filter((each) => each !== undefined).join(" ");
}

/** For the middle of a sentence: that it happened once goes without saying. */
function timesIfMany({ alike }: Failure): string {
  return alike.length > 1 ? `${times(alike.length)} ` : "";
}

function statusOf({ error, status }: WireAttemptEnded): number | undefined {
  return error?.status ?? status;
}

/** Of a failure that was not overcome; beside one that was they are too much. */
function saidInTheEnd({ ended, isOvercome }: Failure): string {
  const said = isOvercome ? "" : colon(wordsOf(ended.error));
  return said === "" ? "" : `; it said${said}`;
}

/** Statuses of refusals. */
function statusesOf({ alike }: Failure): string {
  const statuses = alike.map(({ error, status }) => error?.status ?? status);
  return distinctlyListed(statuses.filter((status) => (status ?? 0) >= 400));
}

function serverCodeOf({ ended }: Failure): string {
  const { error } = ended;
  if (error?.server_code !== undefined) return error.server_code;
  return error?.reason ?? error?.code ?? "a failure";
}

function refusalText({ ended }: Failure): string {
  const { error, status } = ended;
  const refusal = error?.status ?? status ?? 0;
  // A response that began can be a refusal, too.
  const parts = [refusal >= 300 ? refusal : undefined, error?.server_code].filter(
    (each) => each !== undefined,
  );
  return parts.length === 0 ? "invalid request" : parts.join(" ");
}

function isTooLarge({ ended: { error, status } }: Failure): boolean {
  return (error?.status ?? status) === 413;
}

/** Of the body, where its size is the matter. */
function sizeIfTooLarge(failure: Failure): string {
  const { attempt, ended } = failure;
  if (!isTooLarge(failure) && !isContextExceeded(ended.error)) return "";
  const { bytes, body_bytes: bodyBytes = bytes, input_items: items } = attempt.started.request;
  return `; the request had ${bodyBytes} bytes${items === undefined ? "" : ` in ${plural(items, "input item")}`}`;
}

/** That it worked is said beside it. */
function outcome({ isOvercome, isStopped, attempt }: Failure): string {
  if (isOvercome || isStopped) return "";
  return attempt.retry === undefined ? "; gave up" : "; to be tried again";
}

function wentOn({ attempts }: Failure): string {
  return attempts.some(({ switched }) => switched?.to === "http") ? "; went on over HTTP" : "";
}

/** It failed over a WebSocket, and worked over HTTP. */
function isOverHttp(failure: Failure): boolean {
  const { attempt, isOvercome } = failure;
  return isOvercome && attempt.started.endpoint === "handshake" && wentOn(failure) !== "";
}

function handshakesIn(failure: Failure): string {
  return `${plural(failure.alike.length, "handshake")} in ${elapsed(failure)}`;
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
