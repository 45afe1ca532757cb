import type { InferenceCall } from "./runtime.ts";
import type { ReducedTrace } from "./trace.ts";

/** The record of an id; ids of a bundle may be names of built-in members, e.g. `constructor`. */
export function recordOf<T>(records: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(records, id) ? records[id] : undefined;
}

/** The requests of a run in the order in which they were started: people count them from 1. */
export function callsInOrder({
  inference_calls: calls,
}: Pick<ReducedTrace, "inference_calls">): readonly InferenceCall[] {
  return Object.values(calls).toSorted(
    (left, right) => left.execution.started_seq - right.execution.started_seq,
  );
}
