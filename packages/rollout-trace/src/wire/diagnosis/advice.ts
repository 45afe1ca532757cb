import type { WireDiagnosisCode } from "./wire-diagnosis.ts";

const ADVICE: { readonly [Code in WireDiagnosisCode]?: string } = {
  process_died: "if the run still goes on, ask again when it has ended",
  dns_failed: "check the address of the provider, and the name server or VPN",
  connect_refused: "check the address of the provider, and that its server runs",
  connect_timeout: "check the network, a firewall, and the proxy variables of the environment",
  tls_failed: "a proxy that inspects TLS needs its authority in CODEX_CA_CERTIFICATE",
  proxy_refused: "check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the server in NO_PROXY",
  upgrade_refused: "set http_only = true to save the tries",
  upgrade_blocked: "set http_only = true to save the tries",
  auth_refused: "log in again, or check the key of the provider",
  forbidden_edge: "send the cf-ray to the provider; a VPN or a shared address may be the cause",
  rate_limited: "wait, or ask for a higher limit",
  usage_limit: "wait until the limit is reset, or change the plan",
  overloaded: "try again later; send the request id if it goes on",
  server_error: "try again later; send the request id if it goes on",
  bad_request: "correct the request: it fails the same way again",
  no_first_event:
    "try again; first_response_timeout_ms sets how long a beginning is waited for, http_only = true avoids reused sockets",
  stalled: "try again; stream_idle_timeout_ms of the provider sets how long silence is borne",
  message_too_big: "set http_only = true, or compact the conversation",
  socket_closed: "try again; send the ids of the connection if it goes on",
  cut_mid_stream: "try again; a proxy or gateway that limits the length of a response does this",
  response_failed: "send the ids to the provider if the message does not help",
  unknown: "send the wire log with the report",
};

/** Advice for people; `undefined` where nothing can be done. */
export function adviceFor(code: WireDiagnosisCode): string | undefined {
  return ADVICE[code];
}
