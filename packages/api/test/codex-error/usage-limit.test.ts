import { describe, expect, test } from "vitest";
import type { CodexError } from "@codex-ts/api";
import { HttpStatusError, toCodexError } from "@codex-ts/api";

const now = new Date(2033, 4, 17, 12, 0).getTime();
const laterToday = Math.trunc(new Date(2033, 4, 17, 15, 33).getTime() / 1000);
const tomorrow = Math.trunc(new Date(2033, 4, 18, 3, 3).getTime() / 1000);

function limited(
  error: { readonly plan_type?: unknown; readonly resets_at?: unknown },
  headers: Record<string, string> = {},
): CodexError {
  const body = { error: { type: "usage_limit_reached", message: "m", ...error } };
  return toCodexError(
    new HttpStatusError({ status: 429, url: undefined, headers, bodyText: JSON.stringify(body) }),
    { now: () => now },
  );
}

const plans: [plan: string | undefined, advice: RegExp | undefined][] = [
  ["plus", /upgrade to Pro.*credits/],
  ["free", /upgrade to Plus/],
  ["go", /upgrade to Plus/],
  ["pro", /credits/],
  ["prolite", /credits/],
  ["team", /administrator/],
  ["business", /administrator/],
  ["self_serve_business_usage_based", /administrator/],
  ["enterprise_cbp_usage_based", /administrator/],
  ["enterprise", undefined],
  ["edu", undefined],
  ["some_future_plan", undefined],
  ["__proto__", undefined],
  ["constructor", undefined],
  [undefined, undefined],
];

describe("[api/G7] the sentence depends on the plan and on when the limit ends", () => {
  test.each(plans)("%s", (plan, advice) => {
    const facts = plan === undefined ? {} : { plan_type: plan };
    const open = limited(facts).message;
    const dated = limited({ ...facts, resets_at: tomorrow }).message;
    const expectedTail = advice === undefined ? " Try again" : " or try again";
    expect(open).toMatch(advice ?? /^the usage limit is reached\./);
    expect(open.endsWith(`${expectedTail} later.`)).toBe(true);
    expect(dated.endsWith(`${expectedTail} at May 18th, 2033 3:03 AM.`)).toBe(true);
  });

  test("a moment of today is its clock time", () => {
    expect(limited({ resets_at: laterToday }).message).toMatch(/ at 3:33 PM\.$/);
  });

  test.each([
    [1, "1st"],
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [11, "11th"],
    [12, "12th"],
    [13, "13th"],
    [21, "21st"],
    [22, "22nd"],
    [23, "23rd"],
    [30, "30th"],
  ])("day %d is the %s", (day, ordinal) => {
    const at = Math.trunc(new Date(2034, 5, day, 0, 5).getTime() / 1000);
    expect(limited({ resets_at: at }).message).toContain(`at Jun ${ordinal}, 2034 12:05 AM.`);
  });

  test.each([["soon"], [1.5], [null]])("a reset time of %j is no time", (resetsAt) => {
    expect(limited({ resets_at: resetsAt }).message).toMatch(/Try again later\.$/);
  });

  test("a reset time beyond all dates does no harm", () => {
    expect(limited({ resets_at: Number.MAX_SAFE_INTEGER }).message).toContain("Try again");
  });
});

describe("[api/G8] what comes before the plan", () => {
  const promo = { "x-codex-promo-message": "  Invite a friend  " };
  const workspace = { "x-codex-rate-limit-reached-type": "workspace_owner_credits_depleted" };
  const named = {
    "x-codex-active-limit": "codex_other",
    "x-codex-other-limit-name": "GPT Other",
  };

  test("the promotion, with the time behind it", () => {
    expect(limited({ plan_type: "plus" }, promo).message).toBe(
      "the usage limit is reached; Invite a friend, or try again later.",
    );
  });

  test.each([
    ["workspace_owner_credits_depleted", /no credits left; add/],
    ["workspace_member_credits_depleted", /no credits left; ask/],
    ["workspace_owner_usage_limit_reached", /spending limit; raise/],
    ["workspace_member_usage_limit_reached", /spending limit; ask/],
  ])("%s wins over the promotion and has no time", (reached, expected) => {
    const headers = { ...promo, "x-codex-rate-limit-reached-type": reached };
    const { message } = limited({ plan_type: "plus", resets_at: tomorrow }, headers);
    expect(message).toMatch(expected);
    expect(message).not.toContain("2033");
  });

  test.each(["rate_limit_reached", "something_new"])("%s changes nothing", (reached) => {
    const headers = { "x-codex-rate-limit-reached-type": reached };
    expect(limited({ plan_type: "plus" }, headers).message).toBe(
      limited({ plan_type: "plus" }).message,
    );
  });

  test("a named limit wins over all", () => {
    const { message } = limited({ plan_type: "plus" }, { ...named, ...workspace, ...promo });
    expect(message).toBe(
      "the usage limit of GPT Other is reached; switch to another model or try again later.",
    );
  });

  test("the name codex is no named limit", () => {
    const headers = { "x-codex-limit-name": "codex" };
    expect(limited({ plan_type: "edu" }, headers).message).toBe(
      "the usage limit is reached. Try again later.",
    );
  });
});

test("[api/G9] the facts go with the error, the snapshot of the active family among them", () => {
  const error = limited(
    { plan_type: "plus", resets_at: tomorrow },
    {
      "x-codex-active-limit": "codex-other",
      "x-codex-other-primary-used-percent": "100",
      "x-codex-other-primary-window-minutes": "300",
      "x-codex-primary-used-percent": "5",
      "x-codex-promo-message": "promo",
      "x-codex-rate-limit-reached-type": "rate_limit_reached",
    },
  );
  expect(error).toMatchObject({
    code: "usage_limit_reached",
    retryable: false,
    info: "usage_limit_exceeded",
    status: 429,
    usageLimit: {
      planType: "plus",
      resetsAt: tomorrow,
      promoMessage: "promo",
      reachedType: "rate_limit_reached",
      rateLimits: {
        limit_id: "codex_other",
        primary: { used_percent: 100, window_minutes: 300, resets_at: null },
        secondary: null,
      },
    },
  });
});
