import type { WireError } from "../records.ts";
import { isContextExceeded, isNotInPlan, isTooLong } from "./failure-facts.ts";
import type { WireDiagnosisCode } from "./wire-diagnosis.ts";

/** Causes that only the user can mend, or must wait for: the key, the address, the request, limits, the own machine. */
const OF_USER: ReadonlySet<WireDiagnosisCode> = new Set([
  "process_died",
  "stopped_by_client",
  "dns_failed",
  "connect_refused",
  "tls_failed",
  "proxy_refused",
  "auth_refused",
  "auth_stale",
  "bad_request",
  "rate_limited",
  "usage_limit",
]);

export const CONTENT_FILTER = "content_filter";

/** The request was too big, or what the provider filters out came of it. */
function isOfContent(code: WireDiagnosisCode, error: WireError | undefined): boolean {
  if (code === "message_too_big") return error?.reason !== "event_too_large";
  return (
    code === "response_failed" &&
    error?.reason === "incomplete" &&
    (isTooLong(error) || error.message.includes(CONTENT_FILTER))
  );
}

/** Whether support can do nothing about a failure. */
export function hasNothingToSend(code: WireDiagnosisCode, error: WireError | undefined): boolean {
  return (
    OF_USER.has(code) || isOfContent(code, error) || isContextExceeded(error) || isNotInPlan(error)
  );
}
