import type { NetworkErrorReason } from "../errors.ts";
import { openFilesAdvice } from "../internal/open-files.ts";

/** Why a connection could not be made, and the words for it. */
export interface ConnectionFailure {
  readonly reason: NetworkErrorReason;
  readonly detail: string;
}

/** Codes of Node for a chain that leads to no known authority; a file with that authority helps. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
/** A certificate that is not valid now or not for this host. */
const INVALID: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
/** Error codes of TLS for a server that responds in plain text. */
const NO_TLS: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_UNKNOWN_PROTOCOL",
]);

/** The same where only OpenSSL's words are left of it. */
const NO_TLS_WORDS = /wrong version number|packet length too long|http request|unknown protocol/;

/** Names what kept a connection from being made. `detail` is the text of the error itself. */
export function connectionFailure(error: Error, detail: string): ConnectionFailure {
  const code = codeOf(error);
  const words = detail.split(";", 1)[0] ?? detail;
  if (UNTRUSTED.has(code)) {
    return {
      reason: "certificate",
      detail: `the certificate of the server is not trusted (${words}): name a PEM file with its authority in CODEX_CA_CERTIFICATE`,
    };
  }
  if (INVALID.has(code)) {
    return {
      reason: "certificate",
      detail: `the certificate of the server is not valid: ${words}`,
    };
  }
  if (NO_TLS.has(code) || (code === "EPROTO" && NO_TLS_WORDS.test(detail))) {
    return {
      reason: "no_tls",
      detail:
        "the server does not speak TLS on this port: write http:// in place of https://, or another port",
    };
  }
  if (code === "ECONNREFUSED") return { reason: "refused", detail };
  if (code === "ENOTFOUND") return { reason: "host_not_found", detail };
  const advice = openFilesAdvice(code);
  if (advice !== undefined) return { reason: "other", detail: `${advice} (${words})` };
  return { reason: "other", detail };
}

/** Of attempts at several addresses, the first is as informative as any. */
function codeOf(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  const code = [error, inner].map((each) => (each as NodeJS.ErrnoException | undefined)?.code);
  return code.find((each) => each !== undefined) ?? "";
}
