import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count, short } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { goTo } from "../state/route.ts";

const WIDTH = 900;
const HEIGHT = 170;
const EDGE = { left: 48, right: 8, top: 8, bottom: 20 };

interface Point {
  readonly request: number;
  readonly input: number;
  readonly cached: number;
}

/** Input tokens of an agent's requests and how many of them were cached. A click goes to the request. */
export function UsageChart({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const agent = trace.request(request)?.agent;
  const points = useMemo(() => pointsOf(trace, agent), [trace, agent]);
  const last = points.at(-1);
  if (last === undefined || points.length < 2)
    return <p class="muted">Fewer than two requests with token counters: nothing to compare.</p>;
  const most = points.reduce((largest, { input }) => Math.max(largest, input), 1);
  const x = (index: number): number =>
    EDGE.left + (index / (points.length - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (tokens: number): number =>
    HEIGHT - EDGE.bottom - (tokens / most) * (HEIGHT - EDGE.top - EDGE.bottom);
  const line = (value: (point: Point) => number): string =>
    points.map((point, index) => `${x(index).toFixed(1)},${y(value(point)).toFixed(1)}`).join(" ");
  const here = points.findIndex((point) => point.request === request);
  const compactions = compactionPlaces(trace, agent, points);
  const marks = [0, 0.5, 1].map((share) => share * most);
  return (
    <>
      <p class="legend">
        <span class="line-input" aria-hidden="true" /> input{" "}
        <span class="line-cached" aria-hidden="true" /> of it cached
      </p>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Input tokens of ${points.length} requests, ${count(last.input)} at request ${last.request + 1}, ${count(last.cached)} of them cached`}
        onClick={({ offsetX, currentTarget }) => {
          const share =
            ((offsetX / currentTarget.clientWidth) * WIDTH - EDGE.left) /
            (WIDTH - EDGE.left - EDGE.right);
          const point = points[Math.round(Math.min(1, Math.max(0, share)) * (points.length - 1))];
          if (point !== undefined) goTo(point.request);
        }}
      >
        {marks.map((tokens) => (
          <g key={tokens}>
            <line
              class="rule"
              x1={EDGE.left}
              x2={WIDTH - EDGE.right}
              y1={y(tokens)}
              y2={y(tokens)}
            />
            <text x={EDGE.left - 6} y={y(tokens) + 4} text-anchor="end">
              {short(Math.round(tokens))}
            </text>
          </g>
        ))}
        {compactions.map((place) => (
          <line
            key={place}
            class="compaction"
            x1={x(place)}
            x2={x(place)}
            y1={EDGE.top}
            y2={HEIGHT - EDGE.bottom}
          />
        ))}
        {here >= 0 && (
          <line class="here" x1={x(here)} x2={x(here)} y1={EDGE.top} y2={HEIGHT - EDGE.bottom} />
        )}
        <polyline class="input" points={line(({ input }) => input)} />
        <polyline class="cached" points={line(({ cached }) => cached)} />
        <text x={EDGE.left} y={HEIGHT - 5}>
          request {(points[0]?.request ?? 0) + 1}
        </text>
        <text x={WIDTH - EDGE.right} y={HEIGHT - 5} text-anchor="end">
          request {last.request + 1}
        </text>
      </svg>
    </>
  );
}

function pointsOf(trace: Trace, agent: number | undefined): readonly Point[] {
  return trace.index.requests.flatMap(({ agent: each, usage }, request) =>
    each === agent && usage !== null
      ? [{ request, input: usage.input_tokens, cached: usage.cached_input_tokens }]
      : [],
  );
}

/** Between which points compactions were, as the later one less a half. */
function compactionPlaces(
  trace: Trace,
  agent: number | undefined,
  points: readonly Point[],
): readonly number[] {
  return trace.index.compactions.flatMap(({ agent: each, next, isFailed }) => {
    const behind = points.findIndex(({ request }) => next >= 0 && request >= next);
    return each === agent && !isFailed && behind > 0 ? [behind - 0.5] : [];
  });
}
