import type { ExecutionWindow } from "@codex-ts/rollout-trace";

/** Things of a trace in the order in which they were started. */
export function inOrderOfStart<T extends { readonly execution: ExecutionWindow }>(all: T[]): T[] {
  return all.toSorted((a, b) => a.execution.started_seq - b.execution.started_seq);
}
