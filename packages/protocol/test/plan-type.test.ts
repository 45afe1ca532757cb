import { expect, test } from "vitest";
import { isWorkspacePlan, readPlanType, readRateLimitSnapshot } from "@codex-ts/protocol";

const inSnapshot = (plan: string): string | null | undefined =>
  readRateLimitSnapshot({ plan_type: plan })?.plan_type;

test.each([
  ["plus", "plus"],
  ["PRO", "pro"],
  ["hc", "enterprise"],
  ["Education", "edu"],
  ["self_serve_business_usage_based", "self_serve_business_usage_based"],
  ["Galactic", "Galactic"],
])("[protocol/P27] the plan %s of a token or an error body is %s", (received, plan) => {
  expect(readPlanType(received)).toBe(plan);
});

test("[protocol/P27] an unknown plan is `unknown` in a snapshot, aliases are resolved", () => {
  expect(inSnapshot("galactic")).toBe("unknown");
  expect(inSnapshot("hc")).toBe("enterprise");
  expect(inSnapshot("team")).toBe("team");
  expect(readPlanType(7)).toBeUndefined();
});

test("workspace plans are those from team to education", () => {
  expect(
    [
      "team",
      "self_serve_business_usage_based",
      "business",
      "enterprise_cbp_usage_based",
      "enterprise",
      "edu",
    ].every(isWorkspacePlan),
  ).toBe(true);
  expect(
    ["free", "go", "plus", "pro", "prolite", "unknown", "galactic"].some(isWorkspacePlan),
  ).toBe(false);
});
