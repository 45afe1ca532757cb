import type { WireError } from "../records.ts";
import type { Failure } from "./failure-sentence.ts";
import { isContextExceeded, isWithoutTls, silenceUs } from "./failure-facts.ts";
import { seconds } from "./wording.ts";
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
    "try again; if the server is merely slow, raise first_response_timeout_ms, which sets how long a beginning is waited for",
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

const contextAdvice: Advice = ({ ended }) =>
  isContextExceeded(ended.error)
    ? "compact the conversation, start a new session, or use a model with a larger context window; another try does not help"
    : undefined;

/** `undefined`: that of the code. */
const BY_FACTS: { readonly [Code in FailureCode]?: Advice } = {
  tls_failed: ({ ended }) =>
    isWithoutTls(ended.error)
      ? "check the address of the provider (base_url): https or http, and the port"
      : undefined,
  proxy_refused: ({ ended, attempt }) =>
    isAuthenticationOfProxy(ended.error) ? proxyAdvice(attempt.started.url) : undefined,
  auth_refused: ({ attempts }) => (isOfLogin(attempts) ? "log in again" : undefined),
  bad_request: contextAdvice,
  response_failed: contextAdvice,
  upgrade_refused: ({ ended: { error, status } }) =>
    (error?.status ?? status ?? 0) >= 500
      ? "if it recurs, set http_only = true to save the tries, or send the ids to those who run the server or the gateway before it"
      : undefined,
  no_first_event: ({ code, attempt }) =>
    attempt.started.transport === "websocket"
      ? `${BY_CODE[code]}; http_only = true avoids reused sockets`
      : undefined,
  stalled: ({ ended }) =>
    `try again; if the model merely takes long, raise stream_idle_timeout_ms of the provider (it gave up after ${seconds(silenceUs(ended))}), else send the ids`,
};

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
  cancelled: undefined,
  auth_stale: "nothing to do: it worked",
} as const;
