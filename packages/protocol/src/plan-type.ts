import type { Codec } from "./internal/codec.ts";
import { oneOf } from "./internal/codec.ts";

const PLANS = [
  "free",
  "go",
  "plus",
  "pro",
  "prolite",
  "promax",
  "team",
  "self_serve_business_usage_based",
  "self_serve_business_prolite",
  "business",
  "enterprise_cbp_usage_based",
  "enterprise_cbp_automation",
  "enterprise",
  "ent26",
  "edu",
  "edu_plus",
  "edu_pro",
  "sci",
  "sci_plus",
  "unknown",
] as const;

/** A ChatGPT plan this version knows by name (0.169's list), or `unknown`. */
export type KnownPlanType = (typeof PLANS)[number];
/** A plan as a server names it: a known one, or any other text, kept as received. */
export type PlanType = KnownPlanType | (string & {});

const ALIASES = { hc: "enterprise", education: "edu" } as const;

const WORKSPACE_PLANS: ReadonlySet<string> = new Set<KnownPlanType>([
  "team",
  "self_serve_business_usage_based",
  "self_serve_business_prolite",
  "business",
  "enterprise_cbp_usage_based",
  "enterprise_cbp_automation",
  "enterprise",
  "ent26",
  "edu",
  "edu_plus",
  "edu_pro",
]);

const knownPlanCodec: Codec<KnownPlanType> = oneOf(PLANS, ALIASES);

/** In rate-limit snapshots a plan this version does not know becomes `unknown`. */
export const snapshotPlanCodec: Codec<KnownPlanType> = {
  read: (value) =>
    typeof value === "string" ? (knownPlanCodec.read(value) ?? "unknown") : undefined,
  write: (plan) => plan,
};

/**
 * The plan named in an error body or a token: letter case does not matter and aliases are resolved (`hc`, `education`);
 * an unknown plan is kept as received. `undefined` for anything but a text.
 */
export function readPlanType(value: unknown): PlanType | undefined {
  if (typeof value !== "string") return undefined;
  return knownPlanCodec.read(value.toLowerCase()) ?? value;
}

/** True for plans that a workspace pays for, whose members ask an administrator for more. */
export function isWorkspacePlan(plan: PlanType): boolean {
  return WORKSPACE_PLANS.has(plan);
}
