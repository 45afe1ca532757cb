import type { ResponseEvent } from "@codex-ts/protocol";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerText } from "../headers/response-headers.ts";
import type { TurnState } from "../headers/turn-state.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { readRateLimitHeaders } from "./rate-limit-headers.ts";
import { scrubRateLimits } from "./scrub-rate-limits.ts";

/** The first events of a stream, from the headers of its response. Source: docs/behavior/api.md 5. */
export function headerEvents(headers: ResponseHeaders, secrets: SecretSet): ResponseEvent[] {
  const model = headerText(headers, "openai-model");
  const etag = headerText(headers, "x-models-etag");
  const events: ResponseEvent[] = [];
  if (model !== undefined) events.push({ type: "serverModel", model: secrets.scrub(model) });
  for (const snapshot of readRateLimitHeaders(headers)) {
    events.push({ type: "rateLimits", snapshot: scrubRateLimits(snapshot, secrets) });
  }
  if (etag !== undefined) events.push({ type: "modelsEtag", etag: secrets.scrub(etag) });
  // Present is enough: Codex does not look at the value.
  if (headers["x-reasoning-included"] !== undefined) {
    events.push({ type: "serverReasoningIncluded", included: true });
  }
  return events;
}

/** Keeps the routing state of the turn, unless the turn has one already. */
export function captureTurnState(headers: ResponseHeaders, turnState: TurnState | undefined): void {
  const value = headerText(headers, "x-codex-turn-state");
  if (value !== undefined) turnState?.offer(value);
}
