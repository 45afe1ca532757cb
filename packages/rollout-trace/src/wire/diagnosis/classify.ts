import type { WireAttemptEnded, WireError } from "../records.ts";
import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireDiagnosisCode } from "./wire-diagnosis.ts";

/** A code that follows from one failed attempt alone. */
export type FailureCode = Exclude<
  WireDiagnosisCode,
  "process_died" | "cancelled" | "stopped_by_client" | "auth_stale" | "recovered"
>;

/** The failure that kept an attempt from its response. The first rule that fits wins. */
export function classify(attempt: WireAttempt): FailureCode {
  const { ended } = attempt;
  if (ended === undefined) return "unknown";
  for (const rule of [ofConnection, ofUpgrade, ofStatus, ofSilence, ofSocket, ofResponse]) {
    const code = rule(ended, attempt);
    if (code !== undefined) return code;
  }
  return "unknown";
}

type Rule = (ended: WireAttemptEnded, attempt: WireAttempt) => FailureCode | undefined;

const DNS: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA"]);
const REFUSED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EHOSTDOWN",
]);
const TIMED_OUT: ReadonlySet<string> = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"]);
const TLS = /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO$)/;

const ofConnection: Rule = ({ error, timeout, t }) => {
  if (error?.code === "proxy_authentication" || error?.status === 407) return "proxy_refused";
  if (timeout === "connect") return "connect_timeout";
  if (error?.code !== "network") return undefined;
  switch (error.reason) {
    case "proxy":
      return "proxy_refused";
    case "host_not_found":
      return "dns_failed";
    case "certificate":
    case "no_tls":
      return "tls_failed";
    case "refused":
      return "connect_refused";
    case undefined:
    default:
      return t.connected === null ? byOsCode(error.os_code ?? "") : undefined;
  }
};

function byOsCode(code: string): FailureCode | undefined {
  if (DNS.has(code)) return "dns_failed";
  if (REFUSED.has(code)) return "connect_refused";
  if (TIMED_OUT.has(code)) return "connect_timeout";
  return TLS.test(code) ? "tls_failed" : undefined;
}

/** Refusals that mean the same for every kind of request. */
const COMMON_STATUSES: ReadonlySet<number> = new Set([401, 403, 407, 429]);

const ofUpgrade: Rule = ({ error, status }, { started }) => {
  if (started.endpoint !== "handshake") return undefined;
  const refusal = error?.status ?? status;
  if (error?.code === "http_status" && refusal !== undefined) {
    return COMMON_STATUSES.has(refusal) ? undefined : "upgrade_refused";
  }
  return error?.code === "network" ? "upgrade_blocked" : undefined;
};

const USAGE_LIMIT: ReadonlySet<string> = new Set([
  "usage_limit_reached",
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "budget_reached",
]);
const RATE_LIMIT: ReadonlySet<string> = new Set(["rate_limit_exceeded", "rate_limit_error"]);
const OVERLOAD: ReadonlySet<string> = new Set(["server_is_overloaded", "slow_down", "overloaded"]);

const ofStatus: Rule = ({ error, ...ended }, attempt) => {
  if (error === undefined) return undefined;
  const serverCode = error.server_code ?? "";
  if (serverCode === CONNECTION_LIMIT || serverCode === PREVIOUS_RESPONSE_LOST) return undefined;
  if (error.code === "quota_exceeded" || USAGE_LIMIT.has(serverCode)) return "usage_limit";
  if (error.code === "rate_limit" || RATE_LIMIT.has(serverCode)) return "rate_limited";
  if (error.code === "server_overloaded" || OVERLOAD.has(serverCode)) return "overloaded";
  if (error.code === "invalid_request") return "bad_request";
  if (error.code !== "http_status") return undefined;
  const status = error.status ?? ended.status ?? 0;
  if (status === 401) return "auth_refused";
  if (status === 403 && isOfEdge(attempt)) return "forbidden_edge";
  if (status === 429) return "rate_limited";
  if (status === 503 || status === 529) return "overloaded";
  if (status >= 500) return "server_error";
  return status === 0 ? undefined : "bad_request";
};

/** Responses of the API have an id; those of a proxy in front of it do not. */
function isOfEdge({ responded, ended }: WireAttempt): boolean {
  const ids = { ...responded?.request_ids, ...ended?.request_ids };
  const isMitigated = responded?.headers.some(([name]) => name === "cf-mitigated") === true;
  return isMitigated || (ids.cf_ray !== undefined && ids.x_request_id === undefined);
}

const ofSilence: Rule = ({ timeout }) => {
  if (timeout === "first_event") return "no_first_event";
  return timeout === "idle" ? "stalled" : undefined;
};

const CONNECTION_LIMIT = "websocket_connection_limit_reached";
const PREVIOUS_RESPONSE_LOST = "previous_response_not_found";
const MESSAGE_TOO_BIG = 1009;

const ofSocket: Rule = ({ close, error }) => {
  if (close?.code === MESSAGE_TOO_BIG || error?.reason === "event_too_large") {
    return "message_too_big";
  }
  if (error?.server_code === CONNECTION_LIMIT) return "connection_limit";
  if (error?.server_code === PREVIOUS_RESPONSE_LOST) return "previous_response_lost";
  if (close?.clean === true && close.by === "server") return "socket_closed";
  return undefined;
};

/** Ways in which a stream ends that say nothing of the model's server. */
const CUTS: ReadonlySet<string> = new Set([
  "closed_early",
  "not_understood",
  "invalid_utf8",
  "connection_lost",
  "connection_closed",
  "binary_message",
  "unparsable_response",
]);

const ofResponse: Rule = ({ error }) => {
  if (error === undefined) return undefined;
  // The server said why before its stream ended.
  if (error.code === "stream" && error.server_code !== undefined) return "response_failed";
  if (error.code === "stream")
    return CUTS.has(error.reason ?? "") ? "cut_mid_stream" : "response_failed";
  // It was sent, and no answer began.
  if (error.code === "network") return "cut_mid_stream";
  return OF_SERVER.has(error.code) ? "response_failed" : undefined;
};

const OF_SERVER: ReadonlySet<WireError["code"]> = new Set([
  "retryable",
  "context_window_exceeded",
  "usage_not_included",
  "policy",
  "final_response",
]);
