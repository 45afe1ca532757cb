import type { Compaction, InferenceCall, ReducedTrace, TextId } from "@codex-ts/rollout-trace";
import type { WireRequest } from "@codex-ts/rollout-trace/wire";
import type { PageCompaction } from "@codex-ts/trace-viewer-page/format";

/** A compaction in the wire log. */
export interface WireCompaction {
  readonly request: WireRequest;
  readonly chain: TextId;
}

interface Surroundings {
  /** The requests of the page, in its order. */
  readonly calls: readonly InferenceCall[];
  readonly agentOf: (threadId: string) => number;
}

/**
 * The compactions of a run in order. A local compaction leaves no event in a trace, so those of the wire log count as
 * well; what both know is one.
 */
export function pageCompactions(
  state: ReducedTrace,
  wire: readonly WireCompaction[],
  surroundings: Surroundings,
): readonly PageCompaction[] {
  const unmatched = new Set(wire);
  const installed = Object.values(state.compactions).map((compaction): PageCompaction => {
    const place = placeOf(compaction.thread_id, compaction.installed_at_unix_ms, surroundings);
    const requests = compaction.request_ids.flatMap((id) =>
      Object.hasOwn(state.compaction_requests, id) ? (state.compaction_requests[id] ?? []) : [],
    );
    const match = [...unmatched].find((each) => isOf(each, compaction, place, surroundings));
    if (match !== undefined) unmatched.delete(match);
    const start = requests[0]?.execution.started_at_unix_ms;
    const end = requests.at(-1)?.execution.ended_at_unix_ms ?? undefined;
    const facts = match === undefined ? undefined : timesOf(match.request);
    return {
      ...place,
      at: start ?? facts?.at ?? compaction.installed_at_unix_ms,
      lastedMs:
        start === undefined || end === undefined ? facts?.lastedMs : Math.max(0, end - start),
      items: compaction.replacement_item_ids.length,
      isFailed: false,
      chain: match?.chain,
    };
  });
  const others = [...unmatched].map(({ request, chain }): PageCompaction => {
    const times = timesOf(request);
    return {
      ...placeOf(request.threadId ?? "", times.at, surroundings),
      ...times,
      items: undefined,
      isFailed: request.outcome !== "completed",
      chain,
    };
  });
  return [...installed, ...others].toSorted((left, right) => left.at - right.at);
}

type Place = Pick<PageCompaction, "agent" | "previous" | "next">;

/** Where in the requests of its thread something stands. */
function placeOf(threadId: string, at: number, { calls, agentOf }: Surroundings): Place {
  const isBefore = (call: InferenceCall): boolean => call.execution.started_at_unix_ms < at;
  return {
    agent: agentOf(threadId),
    previous: calls.findLastIndex((call) => call.thread_id === threadId && isBefore(call)),
    next: calls.findIndex((call) => call.thread_id === threadId && !isBefore(call)),
  };
}

/** By its ids; one without ids by its place. */
function isOf(
  { request }: WireCompaction,
  { request_ids: ids }: Compaction,
  place: Place,
  surroundings: Surroundings,
): boolean {
  if (request.compactionRequestIds.length > 0)
    return request.compactionRequestIds.some((id) => ids.includes(id));
  if (request.outcome !== "completed") return false;
  const { agent, next } = placeOf(request.threadId ?? "", timesOf(request).at, surroundings);
  return agent === place.agent && next === place.next;
}

function timesOf({ attempts }: WireRequest): Pick<PageCompaction, "at" | "lastedMs"> {
  const at = attempts[0]?.started.queued_at_ms ?? 0;
  const last = attempts.at(-1);
  return {
    at,
    lastedMs:
      last?.ended === undefined
        ? undefined
        : Math.round(last.started.queued_at_ms - at + last.ended.t.ended / 1000),
  };
}
