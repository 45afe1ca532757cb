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

/** Members of the ids of a response, by the header that has them. */
const ID_HEADERS: ReadonlyMap<string, keyof WireRequestIds> = new Map([
  ["x-request-id", "x_request_id"],
  ["x-oai-request-id", "x_oai_request_id"],
  ["cf-ray", "cf_ray"],
]);

export function keptRequestHeaders(headers: RedactedHeaders): readonly WireHeader[] {
  return kept(headers, requestNames);
}

export function keptResponseHeaders(headers: RedactedHeaders): readonly WireHeader[] {
  return kept(headers, responseNames);
}

/** They are asked for when the response begins, and again when it is over. */
const knownIds = new WeakMap<RedactedHeaders, WireRequestIds>();

/** The ids of a response. */
export function requestIds(headers: RedactedHeaders): WireRequestIds {
  const known = knownIds.get(headers);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const ids: { -readonly [Member in keyof WireRequestIds]: WireRequestIds[Member] } = {};
  for (const [name, value] of headers) {
    const member = ID_HEADERS.get(name.toLowerCase());
    if (member === undefined || seen.has(member)) continue;
    // Only the first counts, and none that is empty.
    seen.add(member);
    if (value !== "") ids[member] = boundedText(value);
  }
  knownIds.set(headers, ids);
  return ids;
}

/** A name as it is shown, and whether its value is. */
interface KnownName {
  readonly shown: string;
  readonly isKept: boolean;
}

/** Servers send what they like. */
const MAX_REMEMBERED = 256;

/** Decisions about names of headers: the same few come with every request. */
class KnownNames {
  readonly #isKept: (name: string) => boolean;
  readonly #known = new Map<string, KnownName>();

  constructor(isKept: (name: string) => boolean) {
    this.#isKept = isKept;
  }

  of(name: string): KnownName {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const shown = boundedText(name.toLowerCase(), MAX_NAME_BYTES);
    const made = { shown, isKept: this.#isKept(shown) };
    if (this.#known.size < MAX_REMEMBERED && name.length <= MAX_NAME_BYTES)
      this.#known.set(name, made);
    return made;
  }
}

const requestNames = new KnownNames((name) => REQUEST_HEADERS.has(name));
const responseNames = new KnownNames((name) => {
  if (RESPONSE_HEADERS.has(name)) return true;
  if (name === TURN_STATE) return false;
  return name.startsWith("x-ratelimit-") || name.startsWith("x-codex-");
});

/** Every other header is noted by its name alone: that it was there, not what it said. */
function kept(headers: RedactedHeaders, names: KnownNames): readonly WireHeader[] {
  const list: WireHeader[] = [];
  for (const [given, value] of headers) {
    if (list.length === MAX_HEADERS) break;
    const { shown, isKept } = names.of(given);
    list.push([shown, isKept ? boundedText(value) : null]);
  }
  return list;
}
