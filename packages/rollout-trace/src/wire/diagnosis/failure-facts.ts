import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded, WireAuth, WireError } from "../records.ts";

const WITHOUT_TLS = /WRONG_VERSION_NUMBER|^EPROTO$/;

/** The other side does not speak TLS: its certificate is not the matter. */
export function isWithoutTls(error: WireError | undefined): boolean {
  if (error?.reason !== undefined) return error.reason === "no_tls";
  return WITHOUT_TLS.test(error?.os_code ?? "");
}

/** The input is longer than the model's context window. */
export function isContextExceeded(error: WireError | undefined): boolean {
  return (
    error?.code === "context_window_exceeded" || error?.server_code === "context_length_exceeded"
  );
}

/** How long a stream was silent when it was given up, in microseconds. */
export function silenceUs({ t }: WireAttemptEnded): number {
  return t.ended - (t.last_event ?? t.responded ?? t.sent ?? 0);
}

/** The last step that was taken to renew a refused login. */
export function lastRenewal(attempts: readonly WireAttempt[]): WireAuth | undefined {
  return attempts.flatMap(({ auth }) => auth).at(-1);
}

/** How many seconds the server asked to be left alone, as it wrote them. */
export function retryAfterOf({ responded }: WireAttempt): string | undefined {
  const value = responded?.headers.find(([name]) => name === "retry-after")?.[1];
  return value !== null && value !== undefined && /^\d{1,9}(\.\d+)?$/.test(value)
    ? value
    : undefined;
}

/** How long this client would wait at most, in milliseconds, where that was less than the server asked for. */
export function longestWaitMs(attempt: WireAttempt): number | undefined {
  const { retry } = attempt;
  const askedMs = Number(retryAfterOf(attempt) ?? 0) * 1000;
  return retry?.delay_source === "retry_after" && retry.delay_ms < askedMs
    ? retry.delay_ms
    : undefined;
}

/** The names a certificate has, where the error names them; it is for none of those that were asked for. */
export function namesOfCertificate(error: WireError | undefined): string | undefined {
  const names = /is not in the cert's (?:altnames|list): *(\S.*)$/.exec(
    error?.message.trim() ?? "",
  )?.[1];
  return names?.replaceAll(/\b(?:DNS|IP Address):/g, "");
}

export function isForOtherNames(error: WireError | undefined): boolean {
  return error?.os_code === "ERR_TLS_CERT_ALTNAME_INVALID";
}

/** An id of a request that the server names in its message, and that is not the one its response came with. */
export function otherIdInMessage({ responded, ended }: WireAttempt): string | undefined {
  const named = /\brequest[ _-]?id:?\s+([\w-]{8,128})/i.exec(ended?.error?.message ?? "")?.[1];
  const { x_request_id: own, x_oai_request_id: other } = {
    ...responded?.request_ids,
    ...ended?.request_ids,
  };
  return named === own || named === other ? undefined : named;
}
