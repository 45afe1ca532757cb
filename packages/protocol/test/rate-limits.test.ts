import { expect, test } from "vitest";
import {
  readRateLimitReachedType,
  readRateLimitSnapshot,
  toWireRateLimitSnapshot,
} from "@codex-ts/protocol";

const EMPTY =
  '{"limit_id":null,"limit_name":null,"primary":null,"secondary":null,"credits":null,"individual_limit":null,"plan_type":null,"rate_limit_reached_type":null}';

const FULL =
  '{"limit_id":"codex","limit_name":"x","primary":{"used_percent":12.5,"window_minutes":300,"resets_at":1700000000},"secondary":{"used_percent":100,"window_minutes":null,"resets_at":null},"credits":{"has_credits":true,"unlimited":false,"balance":null},"individual_limit":{"limit":"100","used":"40","remaining_percent":60,"resets_at":1700000000},"plan_type":"pro","rate_limit_reached_type":"rate_limit_reached"}';

function written(value: unknown): string | undefined {
  const snapshot = readRateLimitSnapshot(value);
  return snapshot && JSON.stringify(toWireRateLimitSnapshot(snapshot));
}

test("[protocol/P26] writes every member, null when unset", () => {
  expect(written({})).toBe(EMPTY);
  expect(written(JSON.parse(EMPTY))).toBe(EMPTY);
  expect(written(JSON.parse(FULL))).toBe(FULL);
  expect(
    written({ primary: { used_percent: 1 }, credits: { has_credits: false, unlimited: true } }),
  ).toBe(
    EMPTY.replace(
      '"primary":null',
      '"primary":{"used_percent":1,"window_minutes":null,"resets_at":null}',
    ).replace('"credits":null', '"credits":{"has_credits":false,"unlimited":true,"balance":null}'),
  );
});

test("[protocol/P12] ignores unknown members", () => {
  expect(written({ future: 1, primary: { used_percent: 0, future: 2 } })).not.toContain("future");
});

test("a plan or reached type newer than this version does not cost the snapshot", () => {
  expect(
    readRateLimitSnapshot({ plan_type: "galactic", rate_limit_reached_type: "moon" }),
  ).toMatchObject({
    plan_type: "unknown",
    rate_limit_reached_type: null,
  });
  expect(readRateLimitReachedType("moon")).toBeUndefined();
  expect(readRateLimitReachedType("workspace_owner_credits_depleted")).toBe(
    "workspace_owner_credits_depleted",
  );
});

test.each([
  null,
  [],
  { primary: {} },
  { primary: { used_percent: "1" } },
  { limit_id: 7 },
  { credits: {} },
])("does not fit: %j", (value) => {
  expect(readRateLimitSnapshot(value)).toBeUndefined();
});
