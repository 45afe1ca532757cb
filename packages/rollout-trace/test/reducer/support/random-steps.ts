import * as fc from "fast-check";
import type { Step } from "./random-bundle.ts";

/** Steps of a random session, at most so many and mostly nearly that. */
export function randomSteps(maxLength: number): fc.Arbitrary<Step[]> {
  const number = fc.nat(999);
  return fc.array(fc.record({ kind: number, a: number, b: number }), { maxLength, size: "max" });
}
