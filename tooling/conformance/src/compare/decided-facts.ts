import type { Difference } from "./differences.ts";

/** A fact that is not the real program's on purpose. */
export interface DecidedFact {
  /** Path of the fact, e.g. `requests.0.blob.workspaces`. */
  readonly field: string;
  /** What ours has there: JSON, or `absent`. */
  readonly ours: string;
  /** Who decided it. */
  readonly source: string;
}

/** The differences without the decided ones; one that does not occur as decided is a difference as well. */
export function exceptDecided(
  differences: readonly Difference[],
  decided: readonly DecidedFact[],
): Difference[] {
  const isDecided = ({ field, actual }: Difference): boolean =>
    decided.some((fact) => fact.field === field && fact.ours === actual);
  const missing = decided.filter(({ field }) => !differences.some((each) => each.field === field));
  return [
    ...differences.filter((difference) => !isDecided(difference)),
    ...missing.map(({ field, source }) => ({ field, expected: source, actual: "no difference" })),
  ];
}
