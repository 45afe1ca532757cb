import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { duration, plural } from "../data/numbers.ts";
import { extentOf, spansOf } from "../data/timeline-spans.ts";
import type { Extent, Span } from "../data/timeline-spans.ts";
import type { Trace } from "../data/trace.ts";
import { goTo, selected } from "../state/route.ts";
import { shownTheme } from "../state/theme.ts";
import {
  AXIS_HEIGHT,
  LANE_HEIGHT,
  NAME_WIDTH,
  draw,
  drawMarks,
  spanAt,
  useDrawing,
  zoomed,
} from "./timeline-drawing.ts";
import type { Scale } from "./timeline-drawing.ts";

const MAX_HEIGHT = 190;
/** As the style has it. */
const TIP_WIDTH = 320;
/** A bar's color, or the look that stands for something, and what it means. */
const LEGEND = [
  ["turn", "turn"],
  ["agent-0", "request (lighter until its first event, striped if sent again)"],
  ["tone-tool", "tool"],
  ["bad", "failed"],
  ["compaction", "compaction"],
] as const;

/** One lane per agent: turns behind, requests, tools below them, compactions over both. Drag to zoom, double click to see all. */
export function Timeline({ trace }: { readonly trace: Trace }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
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
  const colors = shownTheme.value;
  useDrawing(
    canvas,
    { width, height },
    (context, style) => draw(context, style, trace, { spans, scale, height }),
    [trace, spans, extent, colors],
  );
  // Of ten thousand bars one is selected, so that is drawn on a sheet above them.
  useDrawing(
    marks,
    { width, height },
    (context, style) => drawMarks(context, style, { spans, scale, height, current, drag }),
    [spans, extent, current, colors, drag],
  );
  if (trace.index.requests.length === 0) return <></>;
  const find = (event: MouseEvent): Span | undefined =>
    spanAt(spans, scale, event.offsetX, event.offsetY);
  return (
    <section class="timeline" aria-label="Timeline" style={{ maxHeight: `${MAX_HEIGHT}px` }}>
      <div class="sheets" style={{ height: `${height}px` }}>
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
        <canvas
          ref={marks}
          class="marks"
          aria-hidden="true"
          style={{ width: `${width}px`, height: `${height}px` }}
        />
      </div>
      <p class="bar-key" aria-hidden="true">
        {LEGEND.map(([name, meaning]) => (
          <span key={name}>
            <span class="seg-" style={{ background: `var(--${name})` }} /> {meaning}
          </span>
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
