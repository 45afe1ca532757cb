import { firstDifference } from "../live/first-difference.ts";
import type { RealReduction } from "../live/real-reducer.ts";
import type { Disagreement, Verdict } from "./read-own.ts";

/** Exit code of a Rust program that panicked. */
const PANICKED = 101;

/** Whether the real reducer said yes or no. It did not when it was stopped, or crashed on a text it wanted to shorten. */
export function isVerdict(theirs: RealReduction): boolean {
  return theirs.isAccepted || (theirs.exitCode !== PANICKED && typeof theirs.exitCode === "number");
}

/** Where our strict reading is not the real one. */
export function disagreementWithReal(
  ours: Verdict,
  theirs: RealReduction,
): Disagreement | undefined {
  if (!isVerdict(theirs)) return undefined;
  if (!theirs.isAccepted)
    return ours.isAccepted
      ? { kind: "accepted by ours alone", message: theirs.error.slice(0, 400) }
      : undefined;
  // Decided: paths that leave the bundle are refused, read or not.
  if (!ours.isAccepted && ours.code === "payload_outside_bundle") return undefined;
  if (!ours.isAccepted) return { kind: "refused by ours alone", message: ours.error };
  const difference = firstDifference(ours.state, theirs.state);
  return difference === undefined ? undefined : { kind: "other state", message: difference };
}
