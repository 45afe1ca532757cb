import type { JsonObject, RateLimitReachedType, RateLimitSnapshot } from "@codex-ts/protocol";
import { DEFAULT_LIMIT_ID, readRateLimitFamily } from "../events/rate-limit-headers.ts";

/** Facts of the server about a usage limit that an account has reached. Source: docs/behavior/api.md 9.4. */
export interface UsageLimitFacts {
  /** Plan in wire spelling, e.g. `plus`. */
  readonly planType: string | undefined;
  /** Unix seconds. */
  readonly resetsAt: number | undefined;
  /** The family of limits that was hit; goes to the session before the error is shown. */
  readonly rateLimits: RateLimitSnapshot;
  readonly promoMessage: string | undefined;
  readonly reachedType: RateLimitReachedType | undefined;
}

/** Reads the facts from the `error` object of the body and the headers of a 429. */
export function readUsageLimit(
  error: JsonObject,
  headers: Readonly<Record<string, string>>,
): UsageLimitFacts {
  const { plan_type: planType, resets_at: resetsAt } = error;
  const activeLimit = headers["x-codex-active-limit"]?.trim();
  const promoMessage = headers["x-codex-promo-message"]?.trim();
  return {
    planType: typeof planType === "string" ? planType : undefined,
    resetsAt: typeof resetsAt === "number" && Number.isInteger(resetsAt) ? resetsAt : undefined,
    rateLimits: readRateLimitFamily(headers, activeLimit || DEFAULT_LIMIT_ID),
    promoMessage: promoMessage || undefined,
    reachedType: readReachedType(headers["x-codex-rate-limit-reached-type"]?.trim()),
  };
}

const REACHED_TYPES: ReadonlySet<string> = new Set<RateLimitReachedType>([
  "rate_limit_reached",
  "workspace_owner_credits_depleted",
  "workspace_member_credits_depleted",
  "workspace_owner_usage_limit_reached",
  "workspace_member_usage_limit_reached",
]);

function readReachedType(value: string | undefined): RateLimitReachedType | undefined {
  return value !== undefined && REACHED_TYPES.has(value)
    ? (value as RateLimitReachedType)
    : undefined;
}
