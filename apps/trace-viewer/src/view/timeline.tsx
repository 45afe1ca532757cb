import type { PageRequest } from "@codex-ts/trace-viewer-page/format";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { compactionText, duration, plural } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { isFailure } from "../state/filters.ts";
import { goTo, selected } from "../state/route.ts";
import { shownTheme } from "../state/theme.ts";

const LANE_HEIGHT = 26;
const AXIS_HEIGHT = 18;
const MAX_HEIGHT = 190;
const NAME_WIDTH = 96;
/** As the style has it. */
const TIP_WIDTH = 320;
/** A bar's colour, or the look that stands for something, and what it means. */
const LEGEND = [
  ["turn", "turn"],
  ["agent-0", "request (lighter until its first event, striped if sent again)"],
  ["tone-tool", "tool"],
  ["bad", "failed"],
  ["compaction", "compaction"],
] as const;

interface Span {
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

/** One lane per agent: turns behind, requests, tools below them, compactions over both. Drag to zoom, double click to see all. */
export function Timeline({ trace }: { readonly trace: Trace }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const spans = useMemo(() => spansOf(trace), [trace]);
  const whole = useMemo(() => extentOf(trace, spans), [spans]);
  const [zoom, setZoom] = useState<Extent | undefined>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | undefined>();
  const [hovered, setHovered] = useState<
    { readonly span: Span; readonly x: number; readonly y: number } | undefined
  >();
  const extent = zoom ?? whole;
  const lanes = Math.max(1, trace.index.agents.length);
  const height = AXIS_HEIGHT + lanes * LANE_HEIGHT;
  const hasNames = trace.index.agents.length > 1;
  const left = hasNames ? NAME_WIDTH : 8;
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const scale: Scale = { extent, left, width: Math.max(50, width - left - 8) };
  const current = selected.value;
  const colours = shownTheme.value;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null)
        draw(canvas.current, trace, { spans, scale, width, height, current, drag });
    });
    return () => cancelAnimationFrame(frame);
  }, [trace, spans, extent, width, height, current, colours, drag]);
  if (trace.index.requests.length === 0) return <></>;
  const find = (event: MouseEvent): Span | undefined =>
    spanAt(spans, scale, event.offsetX, event.offsetY);
  return (
    <section class="timeline" aria-label="Timeline" style={{ maxHeight: `${MAX_HEIGHT}px` }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Timeline: ${plural(trace.index.requests.length, "request")} of ${plural(lanes, "agent")} in ${duration(whole.end - whole.start)}; the list below has the same`}
        style={{ width: `${width}px`, height: `${height}px` }}
        onPointerDown={(event) => {
          setDrag({ from: event.offsetX, to: event.offsetX });
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (drag !== undefined) setDrag({ ...drag, to: event.offsetX });
          const span = find(event);
          setHovered(span && { span, x: event.clientX, y: event.clientY });
        }}
        onPointerUp={(event) => {
          const wasDragged = drag !== undefined && Math.abs(drag.to - drag.from) > 6;
          setDrag(undefined);
          if (wasDragged) setZoom(zoomed(scale, drag));
          else {
            const span = find(event);
            if (span !== undefined)
              goTo(span.request, span.kind === "tool" ? { tab: "response" } : {});
          }
        }}
        onPointerLeave={() => setHovered(undefined)}
        onDblClick={() => setZoom(undefined)}
      />
      <p class="bar-key" aria-hidden="true">
        {LEGEND.map(([name, meaning]) => (
          <>
            <span class="seg-" style={{ background: `var(--${name})` }} /> {meaning}
          </>
        ))}
      </p>
      {zoom !== undefined && (
        <button class="copy zoom-out" onClick={() => setZoom(undefined)}>
          show all
        </button>
      )}
      {hovered !== undefined && drag === undefined && (
        <div
          class="tip"
          style={{
            left: `${Math.max(0, Math.min(hovered.x + 12, innerWidth - TIP_WIDTH))}px`,
            top: `${hovered.y + 14}px`,
          }}
        >
          {hovered.span.title}
        </div>
      )}
    </section>
  );
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

interface Scale {
  readonly extent: Extent;
  readonly left: number;
  readonly width: number;
}

function spansOf({ index }: Trace): readonly Span[] {
  const { turns, requests, tools, compactions } = index;
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
      request: Math.max(
        0,
        requests.findIndex((request) => request.turn === number),
      ),
      title: `turn ${turn.execution.status}, ${long(window(turn))}`,
      isBad: turn.execution.status === "failed",
    })),
    ...requests.map((request, number): Span => ({
      ...window(request),
      lane: request.agent,
      kind: "request",
      request: number,
      title: requestTitle(request, number, long(window(request))),
      isBad: isFailure(request),
      ...wireParts(request),
    })),
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
  { execution, failure, wire }: PageRequest,
  number: number,
  long: string,
): string {
  const first = wire?.firstEventMs ?? undefined;
  const why = wire?.reason ?? wire?.finding?.sentence ?? failure;
  return [
    `request ${number + 1}: ${execution.status}`,
    long,
    first === undefined ? undefined : `first event after ${duration(first)}`,
    why?.slice(0, MAX_REASON),
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

const MAX_REASON = 160;

function wireParts({ execution, wire }: PageRequest): Pick<Span, "firstEvent" | "isRetried"> {
  const first = wire?.firstEventMs ?? undefined;
  return {
    firstEvent: first === undefined ? undefined : execution.started_at_unix_ms + first,
    isRetried: (wire?.sent ?? 1) > 1,
  };
}

function extentOf({ index }: Trace, spans: readonly Span[]): Extent {
  let start = index.trace.startedAt;
  let end = start + 1;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  return { start, end };
}

function xOf({ extent, left, width }: Scale, at: number): number {
  return left + ((at - extent.start) / Math.max(1, extent.end - extent.start)) * width;
}

function timeAt({ extent, left, width }: Scale, x: number): number {
  return extent.start + ((x - left) / width) * (extent.end - extent.start);
}

function zoomed(
  scale: Scale,
  { from, to }: { readonly from: number; readonly to: number },
): Extent {
  const [a, b] = from < to ? [from, to] : [to, from];
  const start = timeAt(scale, a);
  return { start, end: Math.max(start + 5, timeAt(scale, b)) };
}

/** Where a span is drawn in its lane. */
const BANDS = {
  turn: [1, LANE_HEIGHT - 2],
  request: [4, 9],
  tool: [15, 6],
  compaction: [0, LANE_HEIGHT],
} as const;

function spanAt(spans: readonly Span[], scale: Scale, x: number, y: number): Span | undefined {
  return spans.findLast((span) => {
    const [offset, height] = BANDS[span.kind];
    const top = AXIS_HEIGHT + span.lane * LANE_HEIGHT + offset;
    const start = xOf(scale, span.start);
    const end = Math.max(xOf(scale, span.end), start + 2);
    return y >= top - 1 && y <= top + height + 1 && x >= start - 2 && x <= end + 2;
  });
}

interface Picture {
  readonly spans: readonly Span[];
  readonly scale: Scale;
  readonly width: number;
  readonly height: number;
  readonly current: number;
  readonly drag: { readonly from: number; readonly to: number } | undefined;
}

function draw(canvas: HTMLCanvasElement, trace: Trace, picture: Picture): void {
  const { spans, scale, width, height, current, drag } = picture;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  // Asked once for each name, not for each of ten thousand bars.
  const colours = new Map<string, string>();
  const colour = (name: string): string => {
    const known = colours.get(name) ?? style.getPropertyValue(`--${name}`).trim();
    colours.set(name, known);
    return known;
  };
  context.font = `11px ${style.getPropertyValue("--sans")}`;
  drawAxis(context, scale, height, { line: colour("line"), text: colour("muted") });
  for (const span of spans) {
    const [offset, bandHeight] = BANDS[span.kind];
    const start = xOf(scale, span.start);
    const end = Math.max(xOf(scale, span.end), start + 2);
    if (end < scale.left || start > scale.left + scale.width) continue;
    const from = Math.max(start, scale.left);
    context.fillStyle = colour(
      span.kind === "turn"
        ? "turn"
        : span.isBad
          ? "bad"
          : span.kind === "tool"
            ? "tone-tool"
            : span.kind === "compaction"
              ? "compaction"
              : `agent-${span.lane % 8}`,
    );
    const top = AXIS_HEIGHT + span.lane * LANE_HEIGHT + offset;
    const barWidth = Math.max(
      2,
      Math.min(end, scale.left + scale.width) - from - (span.kind === "request" ? 0.5 : 0),
    );
    context.fillRect(from, top, barWidth, bandHeight);
    if (span.firstEvent !== undefined)
      overlay(context, colour("panel"), () => {
        const until = Math.min(xOf(scale, span.firstEvent ?? 0), from + barWidth);
        if (until > from) context.fillRect(from, top, until - from, bandHeight);
      });
    if (span.isRetried === true)
      overlay(context, colour("panel"), () => {
        for (let x = from + 2; x < from + barWidth; x += 5) context.fillRect(x, top, 2, bandHeight);
      });
    if (span.kind === "request" && span.request === current) {
      context.strokeStyle = colour("text");
      context.lineWidth = 1.5;
      context.strokeRect(from - 2, top - 2, barWidth + 4, bandHeight + 4);
    }
  }
  if (trace.index.agents.length > 1) {
    context.fillStyle = colour("muted");
    for (const [lane, { path }] of trace.index.agents.entries())
      context.fillText(
        fitted(context, path, NAME_WIDTH - 12),
        8,
        AXIS_HEIGHT + lane * LANE_HEIGHT + 16,
      );
  }
  if (drag !== undefined && Math.abs(drag.to - drag.from) > 3) {
    context.fillStyle = colour("select");
    context.fillRect(Math.min(drag.from, drag.to), 0, Math.abs(drag.to - drag.from), height);
  }
}

/** Draws over a bar so that its colour is still seen: lighter until the first event, striped where it was sent again. */
function overlay(context: CanvasRenderingContext2D, colour: string, paint: () => void): void {
  context.save();
  context.globalAlpha = 0.55;
  context.fillStyle = colour;
  paint();
  context.restore();
}

function drawAxis(
  context: CanvasRenderingContext2D,
  scale: Scale,
  height: number,
  colours: { readonly line: string; readonly text: string },
): void {
  const span = scale.extent.end - scale.extent.start;
  const step = niceStep(span / Math.max(2, scale.width / 110));
  // From the start of the whole run, not of what is shown of it.
  for (let at = 0; at <= span; at += step) {
    const x = xOf(scale, scale.extent.start + at);
    context.fillStyle = colours.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = colours.text;
    if (x < scale.left + scale.width - 40) context.fillText(duration(at), x + 4, 12);
  }
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`…${kept}`).width > width) kept = kept.slice(1);
  return `…${kept}`;
}
