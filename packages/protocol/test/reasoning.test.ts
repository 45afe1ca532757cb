import { expect, test } from "vitest";
import {
  DEFAULT_REASONING_EFFORT,
  parseReasoningEffort,
  ProtocolError,
  readModeKind,
} from "@codex-ts/protocol";

test.each(["none", "minimal", "low", "medium", "high", "xhigh", "turbo", "High"])(
  "[protocol/P19] the effort %s is kept as it is",
  (effort) => {
    expect(parseReasoningEffort(effort)).toBe(effort);
  },
);

test("[protocol/P19] an empty effort is an error", () => {
  expect(() => parseReasoningEffort("")).toThrow(ProtocolError);
  expect(DEFAULT_REASONING_EFFORT).toBe("medium");
});

test("older names of the default mode are accepted", () => {
  expect(
    ["plan", "default", "code", "pair_programming", "execute", "custom"].map(readModeKind),
  ).toEqual(["plan", "default", "default", "default", "default", "default"]);
  expect(readModeKind("dream")).toBeUndefined();
});
