import { isShown } from "../state/filters.ts";
import type { Trace } from "./trace.ts";

/** A row of the list of requests. */
export type ListRow =
  | {
      readonly type: "turn";
      readonly turn: number;
      readonly agent: number;
      /** The first request below it: a turn that others interrupt has several rows. */
      readonly first: number;
      readonly count: number;
    }
  | { readonly type: "request"; readonly request: number }
  | { readonly type: "tool"; readonly tool: number; readonly request: number }
  | { readonly type: "compaction"; readonly compaction: number };

/** Turns with their requests, requests with the tools they called, compactions where they happened. */
export function listRows(trace: Trace): readonly ListRow[] {
  const { requests, compactions } = trace.index;
  const rows: ListRow[] = [];
  const pending = [...compactions.entries()];
  let heading:
    | { turn: number; agent: number; first: number; at: number; count: number }
    | undefined;
  for (const [number, request] of requests.entries()) {
    if (!isShown(trace, request)) continue;
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      if (next[1].at > request.execution.started_at_unix_ms) break;
      rows.push({ type: "compaction", compaction: next[0] });
      pending.shift();
    }
    if (heading === undefined || heading.turn !== request.turn || heading.agent !== request.agent) {
      const { turn, agent } = request;
      heading = { turn, agent, first: number, at: rows.length, count: 0 };
    }
    heading.count += 1;
    const { at, ...facts } = heading;
    rows[at] = { type: "turn", ...facts };
    rows.push({ type: "request", request: number });
    for (const tool of request.tools) rows.push({ type: "tool", tool, request: number });
  }
  for (const [compaction] of pending) rows.push({ type: "compaction", compaction });
  return rows;
}
