import {
  Virtualizer,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from "@tanstack/virtual-core";
import type { ComponentChildren, HTMLAttributes, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";

export interface VirtualListProps {
  readonly count: number;
  /** The source of the rows: while it is the same, so are their keys and estimated heights. */
  readonly of: unknown;
  /** Height of a row before it is measured, in pixels. */
  readonly estimate: (index: number) => number;
  readonly row: (index: number) => ComponentChildren;
  /** The identity of the row, so that it keeps its state and height when others come or go. */
  readonly keyOf: (index: number) => string;
  /** Row to bring into view when it changes. */
  readonly focus?: number | undefined;
  readonly align?: "auto" | "start";
  readonly className: string;
  readonly attributes?: HTMLAttributes<HTMLDivElement>;
}

/** Rows in the page beyond each end of the visible ones: each costs time whenever the list is shown anew. */
const OVERSCAN = 2;

/** A scrolling list that has only the rows near the visible ones in the page. */
export function VirtualList(props: VirtualListProps): JSX.Element {
  const { count, of, row, focus, align = "auto", className, attributes } = props;
  // All rows are measured anew whenever these are other functions.
  const estimate = useMemo(() => props.estimate, [of, count]);
  const keyOf = useMemo(() => props.keyOf, [of, count]);
  const element = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer<number, unknown>((version) => version + 1, 0);
  const virtualizer = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count,
        estimateSize: estimate,
        getScrollElement: () => element.current,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        overscan: OVERSCAN,
      }),
    [],
  );
  virtualizer.setOptions({
    ...virtualizer.options,
    count,
    estimateSize: estimate,
    getItemKey: keyOf,
    onChange: redraw,
  });
  // Its own adapters for other frameworks call these two.
  // eslint-disable-next-line no-underscore-dangle
  useLayoutEffect(() => virtualizer._didMount(), []);
  // eslint-disable-next-line no-underscore-dangle
  useLayoutEffect(() => virtualizer._willUpdate());
  useEffect(() => {
    if (focus !== undefined && focus >= 0) virtualizer.scrollToIndex(focus, { align });
  }, [focus, count]);
  const rows = virtualizer.getVirtualItems();
  return (
    <div class={`scroll ${className}`} ref={element} {...attributes}>
      <div
        class="virtual"
        role="presentation"
        style={{ height: `${virtualizer.getTotalSize()}px` }}
      >
        <div
          role="presentation"
          class="virtual-window"
          style={{ transform: `translateY(${rows[0]?.start ?? 0}px)` }}
        >
          {rows.map(({ index, key }) => (
            <div
              key={key}
              role="presentation"
              data-index={index}
              // The same function each time: another one would measure all rows whenever one of them changes.
              ref={virtualizer.measureElement}
            >
              {row(index)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
