import { describe, expect, test } from "vitest";
import type { CodexErrorKind, UsageLimitReachedKind } from "@codex-ts/protocol";
import { codexErrorText, usageLimitText } from "@codex-ts/protocol";

const none: UsageLimitReachedKind = {
  kind: "usageLimitReached",
  planType: null,
  resetsAt: null,
  limitName: null,
  reachedType: null,
  promoMessage: null,
};

/** 20 November 2026, 12:00 in UTC. */
const now = (): number => Date.UTC(2026, 10, 20, 12);
const seconds = (...at: [number, number, number, number, number]): number => Date.UTC(...at) / 1000;

function timeIn(resetsAt: number, timeZone: string): string {
  const text = usageLimitText({ ...none, resetsAt }, { now, timeZone });
  return / Try again at (.*)\.$/.exec(text)?.[1] ?? text;
}

describe("the time of the reset", () => {
  test.each([
    [seconds(2026, 10, 20, 3, 33), "UTC", "3:33 AM"],
    [seconds(2026, 10, 20, 0, 5), "UTC", "12:05 AM"],
    [seconds(2026, 10, 20, 12, 0), "UTC", "12:00 PM"],
    [seconds(2026, 10, 20, 23, 59), "UTC", "11:59 PM"],
    [seconds(2026, 10, 21, 0, 0), "UTC", "Nov 21st, 2026 12:00 AM"],
    [seconds(2026, 10, 20, 3, 33), "America/New_York", "Nov 19th, 2026 10:33 PM"],
    [seconds(2026, 10, 21, 3, 33), "America/New_York", "10:33 PM"],
    [seconds(2027, 10, 20, 3, 33), "UTC", "Nov 20th, 2027 3:33 AM"],
    [seconds(2033, 4, 18, 3, 33), "UTC", "May 18th, 2033 3:33 AM"],
  ])("[protocol/P35] %d in %s is %s", (resetsAt, timeZone, expected) => {
    expect(timeIn(resetsAt, timeZone)).toBe(expected);
  });

  test.each([
    [1, "1st"],
    [2, "2nd"],
    [3, "3rd"],
    [4, "4th"],
    [10, "10th"],
    [11, "11th"],
    [12, "12th"],
    [13, "13th"],
    [20, "20th"],
    [21, "21st"],
    [22, "22nd"],
    [23, "23rd"],
    [30, "30th"],
    [31, "31st"],
  ])("[protocol/P35] day %d is %s", (day, ordinal) => {
    expect(timeIn(seconds(2027, 0, day, 9, 0), "UTC")).toBe(`Jan ${ordinal}, 2027 9:00 AM`);
  });

  test("a time no calendar has is later", () => {
    expect(timeIn(1e15, "UTC")).toMatch(/ Try again later\.$/);
  });
});

const textOf = (facts: Partial<UsageLimitReachedKind>): string => {
  const error: CodexErrorKind = { ...none, ...facts };
  return codexErrorText(error, { now, timeZone: "UTC" });
};

describe("what is said", () => {
  const at = { resetsAt: seconds(2026, 10, 20, 15, 0) };
  test("a named limit comes first and suggests another model", () => {
    const text = textOf({ ...at, limitName: "o9-deep", planType: "plus", promoMessage: "p" });
    expect(text).toMatch(/o9-deep.*another model or try again at 3:00 PM\.$/);
    expect(textOf({ limitName: "codex" })).not.toContain("another model");
  });

  test.each([
    "workspace_owner_credits_depleted",
    "workspace_member_credits_depleted",
    "workspace_owner_usage_limit_reached",
    "workspace_member_usage_limit_reached",
  ] as const)("%s has a text of its own, without a time", (reachedType) => {
    const text = textOf({ ...at, reachedType, promoMessage: "p", planType: "plus" });
    expect(text).toMatch(/workspace/);
    expect(text).not.toMatch(/try again|PM/i);
    expect(text.includes("ask its owner")).toBe(reachedType.includes("member"));
  });

  test("an offer of the server comes before the plan", () => {
    expect(textOf({ ...at, promoMessage: " Get more ", planType: "free" })).toMatch(
      /; Get more, or try again at 3:00 PM\.$/,
    );
    expect(textOf({ promoMessage: " " })).toMatch(/ Try again later\.$/);
    expect(textOf({ reachedType: "rate_limit_reached", promoMessage: "Offer" })).toContain("Offer");
  });

  test.each([
    ["plus", /Pro.*credits.* or try again at 3:00 PM\.$/],
    ["free", /upgrade to Plus or try again at 3:00 PM\.$/],
    ["go", /upgrade to Plus or try again at 3:00 PM\.$/],
    ["team", /administrator.* or try again at 3:00 PM\.$/],
    ["business", /administrator.* or try again at 3:00 PM\.$/],
    ["self_serve_business_usage_based", /administrator.* or try again at 3:00 PM\.$/],
    ["enterprise_cbp_usage_based", /administrator.* or try again at 3:00 PM\.$/],
    ["pro", /credits or try again at 3:00 PM\.$/],
    ["prolite", /credits or try again at 3:00 PM\.$/],
    ["enterprise", /reached\. Try again at 3:00 PM\.$/],
    ["hc", /reached\. Try again at 3:00 PM\.$/],
    ["edu", /reached\. Try again at 3:00 PM\.$/],
    ["galactic", /reached\. Try again at 3:00 PM\.$/],
    [null, /reached\. Try again at 3:00 PM\.$/],
  ])("plan %s", (planType, expected) => {
    expect(textOf({ ...at, planType })).toMatch(expected);
    expect(textOf({ planType })).toMatch(/(?: or t| T)ry again later\.$/);
  });

  test("uses the system's clock and zone when not told otherwise", () => {
    expect(usageLimitText({ ...none, resetsAt: Date.now() / 1000 })).toMatch(/\d:\d\d [AP]M\.$/);
  });
});
