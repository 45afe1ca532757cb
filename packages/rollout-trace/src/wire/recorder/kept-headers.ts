import type { RedactedHeaders } from "@codex-ts/protocol";
import type { WireHeader, WireRequestIds } from "../records.ts";
import { boundedText } from "./bounded-text.ts";

/** Name of this list in the log. */
export const HEADER_POLICY = "allow-list-1";

const RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "x-request-id",
  "x-oai-request-id",
  "cf-ray",
  "cf-mitigated",
  "cf-cache-status",
  "date",
  "server",
  "via",
  "retry-after",
  "retry-after-ms",
  "content-type",
  "content-encoding",
  "openai-model",
  "openai-processing-ms",
  "openai-version",
  "x-models-etag",
  "x-reasoning-included",
]);
const REQUEST_HEADERS: ReadonlySet<string> = new Set([
  "x-codex-inference-call-id",
  "x-client-request-id",
  "session-id",
  "thread-id",
  "x-codex-window-id",
  "originator",
  "user-agent",
  "openai-beta",
  "content-type",
  "content-encoding",
  "accept",
]);
/** Routing state is sent back like a credential. */
const TURN_STATE = "x-codex-turn-state";
const MAX_HEADERS = 100;
const MAX_NAME_BYTES = 100;

export function keptRequestHeaders(headers: RedactedHeaders): readonly WireHeader[] {
  return kept(headers, (name) => REQUEST_HEADERS.has(name));
}

export function keptResponseHeaders(headers: RedactedHeaders): readonly WireHeader[] {
  return kept(headers, (name) => {
    if (RESPONSE_HEADERS.has(name)) return true;
    if (name === TURN_STATE) return false;
    return name.startsWith("x-ratelimit-") || name.startsWith("x-codex-");
  });
}

/** The ids of a response. */
export function requestIds(headers: RedactedHeaders | undefined): WireRequestIds {
  const valueOf = (wanted: string): string | undefined => {
    const value = headers?.find(([name]) => name.toLowerCase() === wanted)?.[1];
    return value === undefined || value === "" ? undefined : boundedText(value);
  };
  const [request, oai, ray] = ["x-request-id", "x-oai-request-id", "cf-ray"].map(valueOf);
  return {
    ...(request !== undefined && { x_request_id: request }),
    ...(oai !== undefined && { x_oai_request_id: oai }),
    ...(ray !== undefined && { cf_ray: ray }),
  };
}

/** Every other header is noted by its name alone: that it was there, not what it said. */
function kept(headers: RedactedHeaders, isKept: (name: string) => boolean): readonly WireHeader[] {
  return headers.slice(0, MAX_HEADERS).map(([given, value]) => {
    const name = boundedText(given.toLowerCase(), MAX_NAME_BYTES);
    return [name, isKept(name) ? boundedText(value) : null];
  });
}
