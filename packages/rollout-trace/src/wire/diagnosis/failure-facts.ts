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

/** A header of the response, where its value was kept. */
export function headerOf({ responded }: WireAttempt, wanted: string): string | undefined {
  return responded?.headers.find(([name]) => name === wanted)?.[1] ?? undefined;
}

const COUNT = /^\d{1,9}(\.\d+)?$/;

/** How many seconds the server asked to be left alone: as it wrote them, or until the date it wrote. */
export function retryAfterOf(attempt: WireAttempt): string | undefined {
  const value = headerOf(attempt, "retry-after");
  if (value !== undefined && COUNT.test(value)) return value;
  const untilMs = /^[A-Z][a-z]{2,8}, /.test(value ?? "") ? Date.parse(value ?? "") : Number.NaN;
  const leftMs = untilMs - (attempt.responded?.at_ms ?? Number.NaN);
  if (Number.isFinite(leftMs)) return String(Math.max(0, Math.ceil(leftMs / 1000)));
  const ms = headerOf(attempt, "retry-after-ms");
  return ms !== undefined && COUNT.test(ms) ? String(Number(ms) / 1000) : undefined;
}

/** Words of the server, or of a gateway in its place; `undefined`: it has none besides the status. */
export function wordsOf(error: WireError | undefined): string | undefined {
  return error === undefined || /^http \d+$/.test(error.message) ? undefined : error.message;
}

/** A page for people came: of a website, a login or a gateway. */
export function isPage(attempt: WireAttempt): boolean {
  return /\bhtml\b/i.test(headerOf(attempt, "content-type") ?? "");
}

/** The server leads elsewhere in place of a response. */
export function isRedirect({ error, status }: WireAttemptEnded): boolean {
  const refusal = error?.status ?? status ?? 0;
  return refusal >= 300 && refusal < 400;
}

/** The bytes that came could not be decompressed. */
export function isDamaged(error: WireError | undefined): boolean {
  return /^Z_(?!BUF_ERROR)|ZSTD|BROTLI/.test(error?.os_code ?? "");
}

/** There was no response, nor the beginning of one. */
export function isCutBeforeResponse({ error, t }: WireAttemptEnded): boolean {
  return error?.code === "network" && t.responded === null;
}

/** The plan of the account has no part in it. */
export function isNotInPlan(error: WireError | undefined): boolean {
  return error?.code === "usage_not_included" || error?.server_code === "usage_not_included";
}

/** The response reached the length it may have, as far as the server says why it ended. */
export function isTooLong(error: WireError | undefined): boolean {
  return error?.reason === "incomplete" && /max_\w*tokens|length/.test(error.message);
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
