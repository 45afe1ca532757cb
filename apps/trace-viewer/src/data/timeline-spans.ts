import type { PageRequest } from "@codex-ts/trace-viewer-page/format";
import { isFailure } from "../state/filters.ts";
import { compactionText, duration } from "./numbers.ts";
import { whyOf } from "./trace.ts";
import type { Trace } from "./trace.ts";

/** A bar of the timeline. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly lane: number;
  readonly kind: "turn" | "request" | "tool" | "compaction";
  /** The request it leads to. */
  readonly request: number;
  readonly title: string;
  readonly isBad: boolean;
  /** When the first event of a response came. */
  readonly firstEvent?: number | undefined;
  /** It was sent more than once. */
  readonly isRetried?: boolean;
}

/** In Unix milliseconds. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export function spansOf(trace: Trace): readonly Span[] {
  const { index } = trace;
  const { turns, requests, tools, compactions } = index;
  const firstOfTurn = new Map<number, number>();
  for (const [number, { turn }] of requests.entries())
    if (!firstOfTurn.has(turn)) firstOfTurn.set(turn, number);
  let now = 0;
  for (const { execution } of [...requests, ...tools])
    now = Math.max(now, execution.ended_at_unix_ms ?? execution.started_at_unix_ms);
  const window = ({ execution }: Pick<PageRequest, "execution">): Extent => ({
    start: execution.started_at_unix_ms,
    end: Math.max(execution.started_at_unix_ms, execution.ended_at_unix_ms ?? now),
  });
  const long = (extent: Extent): string => duration(extent.end - extent.start);
  return [
    ...turns.map((turn, number): Span => ({
      ...window(turn),
      lane: turn.agent,
      kind: "turn",
      request: firstOfTurn.get(number) ?? 0,
      title: `turn ${turn.execution.status}, ${long(window(turn))}`,
      isBad: turn.execution.status === "failed",
    })),
    ...requests.map((request, number): Span => {
      const { firstEventMs } = trace.ledgerOf(number) ?? {};
      return {
        ...window(request),
        lane: request.agent,
        kind: "request",
        request: number,
        title: requestTitle(request, number, long(window(request)), firstEventMs),
        isBad: isFailure(request),
        firstEvent:
          firstEventMs === undefined
            ? undefined
            : request.execution.started_at_unix_ms + firstEventMs,
        isRetried: (request.wire?.sent ?? 1) > 1,
      };
    }),
    ...tools.map((tool): Span => ({
      ...window(tool),
      lane: tool.agent,
      kind: "tool",
      request: Math.max(0, tool.request),
      title: `${tool.name}: ${tool.execution.status}, ${long(window(tool))}`,
      isBad: tool.execution.status === "failed",
    })),
    ...compactions.map((compaction): Span => ({
      start: compaction.at,
      end: compaction.at + (compaction.lastedMs ?? 0),
      lane: Math.max(0, compaction.agent),
      kind: "compaction",
      request: Math.max(0, compaction.next < 0 ? compaction.previous : compaction.next),
      title: compactionText(compaction),
      isBad: compaction.isFailed,
    })),
  ];
}

function requestTitle(
  request: PageRequest,
  number: number,
  long: string,
  firstEventMs: number | undefined,
): string {
  return [
    `request ${number + 1}: ${request.execution.status}`,
    long,
    firstEventMs === undefined ? undefined : `first event after ${duration(firstEventMs)}`,
    whyOf(request)?.slice(0, MAX_REASON),
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

const MAX_REASON = 160;

export function extentOf({ index }: Trace, spans: readonly Span[]): Extent {
  let start = index.trace.startedAt;
  let end = start + 1;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  return { start, end };
}
