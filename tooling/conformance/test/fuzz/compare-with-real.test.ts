import { expect, test } from "vitest";
import { disagreementWithReal } from "../../src/fuzz/compare-with-real.ts";
import type { TraceProblemCode } from "@codex-ts/rollout-trace";
import type { Verdict } from "../../src/fuzz/read-own.ts";
import type { RealReduction } from "../../src/live/real-reducer.ts";

const accepted = (
  state: unknown,
): { readonly isAccepted: true; readonly state: unknown; readonly text: string } => ({
  isAccepted: true,
  state,
  text: JSON.stringify(state),
});
const refused = (code: TraceProblemCode): Verdict => ({ isAccepted: false, error: "ours", code });
const ourRefusal = refused("payload_shape");
const refusal = (exitCode: number | string): RealReduction => ({
  isAccepted: false,
  exitCode,
  error: "Error: theirs",
});

test.each([
  ["both accept, with one state", accepted({ a: 1 }), accepted({ a: 1 }), undefined],
  ["both refuse", ourRefusal, refusal(1), undefined],
  ["the real one panics", accepted({}), refusal(101), undefined],
  ["the real one is stopped", accepted({}), refusal("killed"), undefined],
  ["both accept, with two states", accepted({ a: 1 }), accepted({ a: 2 }), "other state"],
  [
    "ours refuses a path out of the bundle",
    refused("payload_outside_bundle"),
    accepted({}),
    undefined,
  ],
  ["only ours accepts", accepted({}), refusal(1), "accepted by ours alone"],
  ["only ours refuses", ourRefusal, accepted({}), "refused by ours alone"],
])("where %s, that is what is told", (_name, ours, theirs, kind) => {
  expect(disagreementWithReal(ours, theirs)?.kind).toBe(kind);
});
