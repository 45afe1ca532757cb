import type { JsonObject, RateLimitReachedType, RateLimitSnapshot } from "@codex-ts/protocol";
import { defaultLimitId, readRateLimitFamily } from "../events/rate-limit-headers.ts";
import { resetTimeText } from "./reset-time-text.ts";

/** What the server says when the usage limit of an account is reached. Source: api.md 9.4. */
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
    rateLimits: readRateLimitFamily(headers, activeLimit || defaultLimitId),
    promoMessage: promoMessage || undefined,
    reachedType: readReachedType(headers["x-codex-rate-limit-reached-type"]?.trim()),
  };
}

const reachedTypes: ReadonlySet<string> = new Set<RateLimitReachedType>([
  "rate_limit_reached",
  "workspace_owner_credits_depleted",
  "workspace_member_credits_depleted",
  "workspace_owner_usage_limit_reached",
  "workspace_member_usage_limit_reached",
]);

function readReachedType(value: string | undefined): RateLimitReachedType | undefined {
  return value !== undefined && reachedTypes.has(value)
    ? (value as RateLimitReachedType)
    : undefined;
}

/** The sentence for people. The order of the cases is the reference client's, the words are our own. */
export function usageLimitText(facts: UsageLimitFacts, nowMs: number): string {
  const when =
    facts.resetsAt === undefined ? "later" : `at ${resetTimeText(facts.resetsAt, nowMs)}`;
  const orSuffix = ` or try again ${when}.`;
  const limitName = facts.rateLimits.limit_name;
  if (limitName !== null && limitName.toLowerCase() !== defaultLimitId) {
    return `The usage limit for ${limitName} is reached. Switch to another model${orSuffix}`;
  }
  const workspace = facts.reachedType === undefined ? undefined : workspaceTexts[facts.reachedType];
  if (workspace !== undefined) return workspace;
  if (facts.promoMessage !== undefined) {
    return `The usage limit is reached. ${facts.promoMessage},${orSuffix}`;
  }
  const advice = planAdvice[facts.planType ?? ""];
  return advice === undefined
    ? `The usage limit is reached. Try again ${when}.`
    : `The usage limit is reached. ${advice}${orSuffix}`;
}

const workspaceTexts: Readonly<Partial<Record<RateLimitReachedType, string>>> = {
  workspace_owner_credits_depleted: "The workspace is out of credits. Add credits to continue.",
  workspace_member_credits_depleted:
    "The workspace is out of credits. Ask its owner to add some to continue.",
  workspace_owner_usage_limit_reached:
    "The workspace has reached its spending cap. Raise the cap to continue.",
  workspace_member_usage_limit_reached:
    "The workspace has reached its spending cap. Ask its owner to raise it to continue.",
};

const upgradeToPlus = "Upgrade to Plus";
const buyCredits = "Buy more credits";
const askAdmin = "Ask your admin for more usage";

const planAdvice: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  plus: "Upgrade to Pro, buy more credits",
  free: upgradeToPlus,
  go: upgradeToPlus,
  team: askAdmin,
  business: askAdmin,
  self_serve_business_usage_based: askAdmin,
  enterprise_cbp_usage_based: askAdmin,
  pro: buyCredits,
  prolite: buyCredits,
});
