import { useEffect } from "preact/hooks";
import { duration } from "../data/numbers.ts";
import type { Extent, Span } from "../data/timeline-spans.ts";
import type { Trace } from "../data/trace.ts";

export const LANE_HEIGHT = 26;
export const AXIS_HEIGHT = 18;
export const NAME_WIDTH = 96;

/** Which time stands where. */
export interface Scale {
  readonly extent: Extent;
  readonly left: number;
  readonly width: number;
}

function xOf({ extent, left, width }: Scale, at: number): number {
  return left + ((at - extent.start) / Math.max(1, extent.end - extent.start)) * width;
}

function timeAt({ extent, left, width }: Scale, x: number): number {
  return extent.start + ((x - left) / width) * (extent.end - extent.start);
}

export function zoomed(
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

export function spanAt(
  spans: readonly Span[],
  scale: Scale,
  x: number,
  y: number,
): Span | undefined {
  return spans.findLast((span) => {
    const [offset, height] = BANDS[span.kind];
    const top = AXIS_HEIGHT + span.lane * LANE_HEIGHT + offset;
    const start = xOf(scale, span.start);
    const end = Math.max(xOf(scale, span.end), start + 2);
    return y >= top - 1 && y <= top + height + 1 && x >= start - 2 && x <= end + 2;
  });
}

/** Draws on a canvas whenever its size or one of the facts changes. `style` has the values of the theme by name. */
export function useDrawing(
  canvas: { readonly current: HTMLCanvasElement | null },
  { width, height }: { readonly width: number; readonly height: number },
  drawOn: (context: CanvasRenderingContext2D, style: Style) => void,
  facts: readonly unknown[],
): void {
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = canvas.current?.getContext("2d");
      if (!context) return;
      const ratio = globalThis.devicePixelRatio || 1;
      context.canvas.width = Math.round(width * ratio);
      context.canvas.height = Math.round(height * ratio);
      context.scale(ratio, ratio);
      const values = getComputedStyle(document.documentElement);
      context.font = `11px ${values.getPropertyValue("--sans")}`;
      // Asked once for each name, not for each of ten thousand bars.
      const known = new Map<string, string>();
      drawOn(context, (name) => {
        const value = known.get(name) ?? values.getPropertyValue(`--${name}`).trim();
        known.set(name, value);
        return value;
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [width, height, ...facts]);
}

type Style = (name: string) => string;

interface Picture {
  readonly spans: readonly Span[];
  readonly scale: Scale;
  readonly height: number;
}

interface Marks extends Picture {
  readonly current: number;
  readonly drag: { readonly from: number; readonly to: number } | undefined;
}

export function draw(
  context: CanvasRenderingContext2D,
  color: Style,
  trace: Trace,
  { spans, scale, height }: Picture,
): void {
  drawAxis(context, scale, height, { line: color("line"), text: color("muted") });
  for (const span of spans) {
    const [offset, bandHeight] = BANDS[span.kind];
    const bar = barOf(span, scale);
    if (bar === undefined) continue;
    const { left: from, width: barWidth } = bar;
    context.fillStyle = color(
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
    context.fillRect(from, top, barWidth, bandHeight);
    if (span.firstEvent !== undefined)
      overlay(context, color("panel"), () => {
        const until = Math.min(xOf(scale, span.firstEvent ?? 0), from + barWidth);
        if (until > from) context.fillRect(from, top, until - from, bandHeight);
      });
    if (span.isRetried === true)
      overlay(context, color("panel"), () => {
        for (let x = from + 2; x < from + barWidth; x += 5) context.fillRect(x, top, 2, bandHeight);
      });
  }
  if (trace.index.agents.length > 1) {
    context.fillStyle = color("muted");
    for (const [lane, { path }] of trace.index.agents.entries())
      context.fillText(
        fitted(context, path, NAME_WIDTH - 12),
        8,
        AXIS_HEIGHT + lane * LANE_HEIGHT + 16,
      );
  }
}

export function drawMarks(
  context: CanvasRenderingContext2D,
  color: Style,
  { spans, scale, height, current, drag }: Marks,
): void {
  const selectedSpan = spans.find(({ kind, request }) => kind === "request" && request === current);
  const bar = selectedSpan && barOf(selectedSpan, scale);
  if (bar !== undefined && selectedSpan !== undefined) {
    const [offset, bandHeight] = BANDS.request;
    const top = AXIS_HEIGHT + selectedSpan.lane * LANE_HEIGHT + offset;
    context.strokeStyle = color("text");
    context.lineWidth = 1.5;
    context.strokeRect(bar.left - 2, top - 2, bar.width + 4, bandHeight + 4);
  }
  if (drag === undefined || Math.abs(drag.to - drag.from) <= 3) return;
  context.globalAlpha = 0.6;
  context.fillStyle = color("select");
  context.fillRect(Math.min(drag.from, drag.to), 0, Math.abs(drag.to - drag.from), height);
}

/** Where a span is drawn; `undefined` where it is not in sight. */
function barOf(
  { start, end, kind }: Span,
  scale: Scale,
): { readonly left: number; readonly width: number } | undefined {
  const right = scale.left + scale.width;
  const from = xOf(scale, start);
  const to = Math.max(xOf(scale, end), from + 2);
  if (to < scale.left || from > right) return undefined;
  const left = Math.max(from, scale.left);
  // Requests that follow each other at once are told apart by a gap.
  return { left, width: Math.max(2, Math.min(to, right) - left - (kind === "request" ? 0.5 : 0)) };
}

/** Draws over a bar so that its color is still seen: lighter until the first event, striped where it was sent again. */
function overlay(context: CanvasRenderingContext2D, color: string, paint: () => void): void {
  context.save();
  context.globalAlpha = 0.55;
  context.fillStyle = color;
  paint();
  context.restore();
}

function drawAxis(
  context: CanvasRenderingContext2D,
  scale: Scale,
  height: number,
  colors: { readonly line: string; readonly text: string },
): void {
  const span = scale.extent.end - scale.extent.start;
  const step = niceStep(span / Math.max(2, scale.width / 110));
  // From the start of the whole run, not of what is shown of it.
  for (let at = 0; at <= span; at += step) {
    const x = xOf(scale, scale.extent.start + at);
    context.fillStyle = colors.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = colors.text;
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
