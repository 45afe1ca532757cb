import { expect, test } from "vitest";
import { serviceTierForRequest, toServiceTierId } from "@codex-ts/protocol";

const model = { service_tiers: [{ id: "priority" }, { id: "flex" }, { id: "default" }] };

test.each([
  ["priority", "priority"],
  ["flex", "flex"],
  ["turbo", undefined],
  ["default", undefined],
  [undefined, undefined],
  [null, undefined],
])("[protocol/P20] the tier %s is sent as %s", (tier, sent) => {
  expect(serviceTierForRequest(model, tier)).toBe(sent);
});

test("[protocol/P20] nothing is sent to a model without tiers", () => {
  expect(serviceTierForRequest({ service_tiers: [] }, "priority")).toBeUndefined();
});

test("the setting `fast` is the tier `priority`", () => {
  expect(["fast", "priority", "flex", "default", "x"].map(toServiceTierId)).toEqual([
    "priority",
    "priority",
    "flex",
    "default",
    "x",
  ]);
});
