import type { JsonObject } from "@codex-ts/protocol";

/**
 * What a person reads when a usage limit is reached: which limit, what helps, and when it ends.
 *
 * `body` is the `error` object of the answer, `headers` its headers. Source: api spec 9.4; the sentences are ours.
 */
export function usageLimitMessage(
  body: JsonObject,
  headers: Readonly<Record<string, string>>,
): string {
  const again = tryAgain(body["resets_at"]);
  const limitId = headers["x-codex-active-limit"]?.trim() || "codex";
  const limitName = headers[`x-${limitId.toLowerCase().replaceAll("_", "-")}-limit-name`]?.trim();
  if (limitName && limitName.toLowerCase() !== "codex") {
    return `usage limit of ${limitName} reached; switch to another model, or ${again}`;
  }
  const workspace = WORKSPACE_LIMITS[headers["x-codex-rate-limit-reached-type"] ?? ""];
  if (workspace !== undefined) return workspace;
  const promotion = headers["x-codex-promo-message"]?.trim();
  if (promotion) return `usage limit reached; ${promotion}, or ${again}`;
  const help = PLAN_HELP[typeof body["plan_type"] === "string" ? body["plan_type"] : ""];
  return help === undefined
    ? `usage limit reached; ${again}`
    : `usage limit reached; ${help}, or ${again}`;
}

const WORKSPACE_LIMITS: Readonly<Record<string, string>> = {
  workspace_owner_credits_depleted: "the workspace has no credits left; add credits to continue",
  workspace_member_credits_depleted: "the workspace has no credits left; ask its owner to add some",
  workspace_owner_usage_limit_reached:
    "the workspace has reached its spending limit; raise it to continue",
  workspace_member_usage_limit_reached:
    "the workspace has reached its spending limit; ask its owner to raise it",
};

const BUY_CREDITS = "buy credits";
const ASK_ADMIN = "ask your administrator for more";

const PLAN_HELP: Readonly<Record<string, string>> = {
  plus: "upgrade to Pro or buy credits",
  free: "upgrade to Plus",
  go: "upgrade to Plus",
  team: ASK_ADMIN,
  business: ASK_ADMIN,
  self_serve_business_usage_based: ASK_ADMIN,
  enterprise_cbp_usage_based: ASK_ADMIN,
  pro: BUY_CREDITS,
  prolite: BUY_CREDITS,
};

function tryAgain(resetsAt: unknown): string {
  if (typeof resetsAt !== "number" || !Number.isFinite(resetsAt)) return "try again later";
  return `try again at ${new Date(resetsAt * 1000).toLocaleString("en-US", {
    dateStyle: "medium",
    timeStyle: "short",
  })}`;
}
