import type { WireError } from "../records.ts";
import { proxyWords } from "./failure-sentence.ts";
import type { Failure } from "./failure-sentence.ts";
import {
  isContextExceeded,
  isCutBeforeResponse,
  isDamaged,
  isNotInPlan,
  isPage,
  isRedirect,
  isTooLong,
  isWithoutTls,
  lastRenewal,
  otherIdInMessage,
  retryAfterOf,
  silenceUs,
} from "./failure-facts.ts";
import { CONTENT_FILTER } from "./support-need.ts";
import { duration, seconds } from "./wording.ts";
import type { FailureCode } from "./classify.ts";

/** Advice where the failure itself adds nothing to its code. */
const BY_CODE: Readonly<Record<FailureCode, string>> = {
  dns_failed: "check the address of the provider, and the name server or VPN",
  connect_refused: "check the address of the provider, and that its server runs",
  connect_timeout: "check the network, a firewall, and the proxy variables of the environment",
  tls_failed: "a proxy that inspects TLS needs its authority in CODEX_CA_CERTIFICATE",
  proxy_refused: "check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the server in NO_PROXY",
  upgrade_refused: "set http_only = true to save the tries",
  upgrade_blocked: "set http_only = true to save the tries",
  auth_refused: "correct the key of the provider; another try does not help",
  forbidden_edge:
    "no fault of the key: try another network, a VPN or a shared address may be the cause; send the cf-ray to the provider",
  rate_limited: "wait, send less at once, or ask for a higher limit",
  usage_limit: "wait until the limit is reset, or change the plan",
  overloaded: "try again later; send the request ids if it goes on",
  server_error: "try again later; send the request ids if it goes on",
  bad_request: "correct the request: it fails the same way again",
  no_first_event:
    "try again; if the server is merely slow, raise first_response_timeout_ms where it is set, else stream_idle_timeout_ms of the provider: they set how long a beginning is waited for",
  stalled: "try again; stream_idle_timeout_ms of the provider sets how long silence is borne",
  message_too_big: "set http_only = true, or compact the conversation",
  connection_limit: "try again: a new connection is made",
  previous_response_lost: "try again: the whole history is sent",
  socket_closed: "try again; send the ids of the connection if it goes on",
  cut_mid_stream: "try again; a proxy or gateway that limits the length of a response does this",
  response_failed: "send the ids to the provider if the message does not help",
  unknown: "send the wire log with the report",
};

/** Advice about a failure that was not overcome, by its facts. */
export function adviceFor(failure: Failure): string {
  return BY_FACTS[failure.code]?.(failure) ?? BY_CODE[failure.code];
}

type Advice = (failure: Failure) => string | undefined;

const contextAdvice: Advice = ({ ended, isAfterCompaction }) => {
  if (!isContextExceeded(ended.error)) return undefined;
  const [first, last] = isAfterCompaction
    ? ["the history had just been compacted, so compacting again does not help: ", ""]
    : ["compact the conversation, ", "; another try does not help"];
  return `${first}start a new session, give less at once, or use a model with a larger context window${last}`;
};

/** Reasons to refuse a certificate, besides an authority nobody here knows. */
const CERTIFICATES: readonly (readonly [osCode: RegExp, advice: string])[] = [
  [
    /ALTNAME_INVALID/,
    "check the address of the provider (base_url): the certificate there is for another name, so it is another server, or a proxy, or the server has the wrong certificate",
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    "check the clock of this machine; if it is right, those who run the server must renew its certificate",
  ],
  [/CERT_REVOKED/, "tell those who run the server: its certificate was revoked"],
];

const CHECK_ADDRESS = "check the address of the provider (base_url)";
const BILLING_ADVICE =
  "waiting does not help: check plan and billing of the account, add credit or raise its budget";
const PLAN_ADVICE =
  "waiting does not help: the plan of this account does not include it, so change the plan, or use another account or model";

/** Refusals that no other text of the same request would avoid, by status. */
const BY_STATUS: ReadonlyMap<number, string> = new Map([
  [402, BILLING_ADVICE],
  [
    403,
    "another try does not help: what the account, its organization, its region or its plan may not use is for the provider or an administrator to allow",
  ],
  [404, `${CHECK_ADDRESS} and the name of the model`],
  [405, `${CHECK_ADDRESS}: what responds there takes no such requests`],
  [406, `${CHECK_ADDRESS}: what responds there has no event streams`],
  [408, "try again: the request took too long to arrive, as over a slow network or proxy"],
  [409, "try again: something else went on at the same time"],
  [410, `${CHECK_ADDRESS} and the name of the model: what was there is gone`],
  [
    415,
    `${CHECK_ADDRESS}; a server or gateway that does not know the content-type or content-encoding of the request does this`,
  ],
  [425, "try again: the server wanted to wait for the connection to be complete"],
  [
    451,
    "another try does not help: it is refused for legal reasons; ask the provider or an administrator",
  ],
  [
    413,
    "make the request smaller: compact the conversation, start a new session, or give less at once; the limit may be that of a gateway before the API",
  ],
]);

/** Limits that end by being paid for, not by waiting. */
const PAID_FOR: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "budget_reached",
]);

/** Refusals of the place a request comes from. */
const OF_PLACE = /country|region|territory|location/;
const PLACE_ADVICE =
  "another try does not help: send requests from a place that the provider supports (a VPN or a proxy may lead out elsewhere), or ask the provider or an administrator to allow this region";

/** Refusals of what was asked for, by the rules of the provider. */
const OF_POLICY = /policy|^invalid_prompt$/;
const POLICY_ADVICE =
  "the rules of the provider forbid it: ask differently; another try mostly ends the same way";

const LONG_WAIT_SECONDS = 60;

/** `undefined`: that of the code. */
const BY_FACTS: { readonly [Code in FailureCode]?: Advice } = {
  tls_failed: ({ ended: { error } }) =>
    isWithoutTls(error)
      ? "check the address of the provider (base_url): https or http, and the port"
      : CERTIFICATES.find(([osCode]) => osCode.test(error?.os_code ?? ""))?.[1],
  proxy_refused: ({ ended, attempt }) =>
    isAuthenticationOfProxy(ended.error)
      ? proxyAdvice(attempt.started.url)
      : proxyWords(ended.error)[1],
  connect_timeout: (failure) =>
    isHandshakeOvercome(failure) ? BY_CODE.upgrade_blocked : undefined,
  auth_refused: ({ attempts }) => {
    if (!isOfLogin(attempts)) return undefined;
    return lastRenewal(attempts)?.outcome === "failed"
      ? "try again later: the service that renews logins failed, so the login may still be good; if it goes on, log in again"
      : "log in again";
  },
  rate_limited: ({ attempt, ended }) => {
    if (isNotInPlan(ended.error)) return PLAN_ADVICE;
    const asked = Number(retryAfterOf(attempt) ?? 0);
    return asked < LONG_WAIT_SECONDS
      ? undefined
      : `run it again in ${duration(asked)}, which is what the server asked for, or ask for a higher limit`;
  },
  usage_limit: ({ ended }) =>
    PAID_FOR.has(ended.error?.server_code ?? "") ? BILLING_ADVICE : undefined,
  bad_request: (failure) => {
    const { error, status } = failure.ended;
    if (isRedirect(failure.ended)) {
      return `${CHECK_ADDRESS}: http or https, host and path; a gateway that wants a login does this, too`;
    }
    if (isPage(failure.attempt) && (error?.status ?? status) !== 403) {
      return `${CHECK_ADDRESS}: a website responded, not an API; those often end in /v1`;
    }
    if (OF_PLACE.test(error?.server_code ?? "")) return PLACE_ADVICE;
    if (OF_POLICY.test(error?.server_code ?? "")) return POLICY_ADVICE;
    return contextAdvice(failure) ?? BY_STATUS.get(error?.status ?? status ?? 0);
  },
  response_failed: responseAdvice,
  upgrade_refused: (failure) => {
    const { error, status } = failure.ended;
    if ((error?.status ?? status ?? 0) >= 500)
      return "if it recurs, set http_only = true to save the tries, or send the ids to those who run the server or the gateway before it";
    return isHandshakeOvercome(failure) ? undefined : OVER_HTTP;
  },
  upgrade_blocked: (failure) => (isHandshakeOvercome(failure) ? undefined : OVER_HTTP),
  message_too_big: ({ ended: { error } }) =>
    error?.reason === "event_too_large"
      ? "ask for less at once; if it recurs, send the ids"
      : undefined,
  cut_mid_stream: cutAdvice,
  no_first_event: ({ code, attempt }) =>
    attempt.started.transport === "websocket"
      ? `${BY_CODE[code]}; http_only = true avoids reused sockets`
      : undefined,
  stalled: ({ ended }) =>
    `try again; if the model merely takes long, raise stream_idle_timeout_ms of the provider (it gave up after ${seconds(silenceUs(ended))}), else send the ids`,
};

const OVER_HTTP = "set http_only = true: over HTTP it may work";

function isHandshakeOvercome({ attempt, isOvercome }: Failure): boolean {
  return isOvercome && attempt.started.endpoint === "handshake";
}

/** Who cut it depends on how far it came. */
function cutAdvice({ attempt, ended }: Failure): string | undefined {
  const { error, events } = ended;
  if (error?.reason === "not_understood")
    return `${CHECK_ADDRESS}: what responds there is no Responses API, or a gateway, a proxy or a login page responds in its place`;
  if (isDamaged(error))
    return "a proxy or gateway that changes the compression of responses does this: send the ids to those who run it, or try without it";
  if (NO_HTTP.test(error?.message ?? ""))
    return `${CHECK_ADDRESS}, above all its port: what responds there does not speak HTTP as it should`;
  if (isCutBeforeResponse(ended)) {
    const isPlain = attempt.started.url.startsWith("http:");
    return `try again; if it goes on, check that the server runs${isPlain ? " and is not to be reached with https" : ""}, or whether a proxy or firewall cuts connections`;
  }
  return events === 0 ? "try again; send the ids if it goes on" : undefined;
}

const NO_HTTP = /does not match the HTTP/;

function responseAdvice(failure: Failure): string | undefined {
  const { error } = failure.ended;
  if (isNotInPlan(error)) return PLAN_ADVICE;
  if (error?.code === "policy" || OF_POLICY.test(error?.server_code ?? "")) return POLICY_ADVICE;
  if (error?.reason === "incomplete") {
    if (error.message.includes(CONTENT_FILTER))
      return "a content filter of the provider stopped the response: ask differently, or leave out what it may object to; another try mostly ends the same way";
    return isTooLong(error)
      ? "the response reached a limit of its length: ask for less at once"
      : "try again; send the ids if it goes on";
  }
  const named = otherIdInMessage(failure.attempt);
  const also = named === undefined ? "" : `, and ${named}, which its message names`;
  if (error?.server_code === "server_error")
    return `try again later; if it goes on, send the ids${also}`;
  return contextAdvice(failure) ?? (named === undefined ? undefined : `send the ids${also}`);
}

function isAuthenticationOfProxy(error: WireError | undefined): boolean {
  return error?.code === "proxy_authentication" || error?.status === 407;
}

function proxyAdvice(url: string): string {
  const variable = /^(https|wss):/.test(url) ? "HTTPS_PROXY" : "HTTP_PROXY";
  return `put user and password into the proxy's URL, http://user:password@host:port in ${variable} (or ALL_PROXY), or name the server in NO_PROXY`;
}

/** Only a login can be renewed, and only a login names its account. */
function isOfLogin(attempts: Failure["attempts"]): boolean {
  return attempts.some(
    ({ auth, started }) =>
      auth.length > 0 || started.request.headers.some(([name]) => name === "chatgpt-account-id"),
  );
}

/** Advice about a failure that was overcome. */
export function adviceWhenRecovered(failure: Failure, isNothingToSend: boolean): string {
  return isNothingToSend
    ? `nothing to do: it worked; if it recurs: ${adviceFor(failure)}`
    : "nothing to do: it worked; if it recurs, send these ids";
}

/** `undefined` where nothing can be done. */
export const ADVICE_WITHOUT_FAILURE = {
  process_died:
    "if the run still goes on, ask again when it has ended; else find out what ended the process (lack of memory, a signal), and run it again",
  cancelled: "nothing failed; send these ids if you stopped it because it was slow",
  stopped_by_client:
    "no fault of the server: see why the turn failed; a limit of the client such as stream_max_duration_ms does this",
  auth_stale: "nothing to do: it worked",
} as const;
