import { computed, signal } from "@preact/signals";
import type { PageRequest } from "@codex-ts/trace-viewer-page/format";
import type { Trace } from "../data/trace.ts";

/** Which requests the list shows; `undefined` and `""` filter nothing. */
export const agentFilter = signal<number | undefined>(undefined);
export const onlyFailed = signal(false);
export const onlyMisses = signal(false);
export const toolFilter = signal("");
/** Seconds. */
export const slowerThan = signal<number | undefined>(undefined);

export const isFiltering = computed(
  () =>
    agentFilter.value !== undefined ||
    onlyFailed.value ||
    onlyMisses.value ||
    toolFilter.value !== "" ||
    slowerThan.value !== undefined,
);

export function clearFilters(): void {
  agentFilter.value = undefined;
  onlyFailed.value = false;
  onlyMisses.value = false;
  toolFilter.value = "";
  slowerThan.value = undefined;
}

export function isShown(trace: Trace, request: PageRequest): boolean {
  const { execution } = request;
  if (agentFilter.value !== undefined && request.agent !== agentFilter.value) return false;
  if (onlyFailed.value && !isFailure(request)) return false;
  if (onlyMisses.value && !request.verdict.isMiss) return false;
  const tool = toolFilter.value;
  if (tool !== "" && !request.tools.some((number) => trace.tool(number)?.name === tool))
    return false;
  const limit = slowerThan.value;
  if (limit === undefined) return true;
  const end = execution.ended_at_unix_ms ?? Infinity;
  return end - execution.started_at_unix_ms >= limit * 1000;
}

/** A request that failed, or whose first try did. */
export function hadFailure(request: PageRequest): boolean {
  return isFailure(request) || (request.wire?.sent ?? 1) > 1;
}

/** A request that did not get what it asked for, and is not under way. */
export function isFailure({ execution: { status } }: PageRequest): boolean {
  return status !== "completed" && status !== "running";
}
