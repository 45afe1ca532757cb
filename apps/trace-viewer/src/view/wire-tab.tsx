import type { JSX } from "preact";
import { duration, time } from "../data/numbers.ts";
import { upstreamOf } from "../data/trace.ts";
import type { Trace } from "../data/trace.ts";
import { Empty, Status, Facts } from "./bits.tsx";
import { WireChainView } from "./wire-chain.tsx";

/** How a request travelled: every attempt with its times and ids, and what came of it. */
export function WireTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const facts = trace.request(request);
  if (facts === undefined) return <Empty>No request.</Empty>;
  const { execution } = facts;
  const [name, id] = upstreamOf(facts);
  const previous = trace.request(facts.previous);
  const idle =
    previous?.execution.ended_at_unix_ms === null || previous === undefined
      ? undefined
      : execution.started_at_unix_ms - previous.execution.ended_at_unix_ms;
  const rows: readonly (readonly [string, JSX.Element | string])[] = [
    ["status", <Status status={execution.status} />],
    ["provider", facts.provider],
    ["model", facts.model],
    ["started", time(execution.started_at_unix_ms)],
    [
      "ended",
      execution.ended_at_unix_ms === null
        ? "still running when the recording stopped"
        : time(execution.ended_at_unix_ms),
    ],
    ...(facts.failure === undefined
      ? []
      : [["failure in the trace", <span class="bad">{facts.failure}</span>] as const]),
    ["lasted", trace.timeOf(request) ?? "–"],
    ["since the request before", idle === undefined ? "–" : duration(Math.max(0, idle))],
    ["response_id", facts.responseId ?? "none recorded"],
    [name, id ?? "none: requests that got no response have none"],
    ["inference call", facts.callId],
    ["recorded in", [facts.requestPayload, facts.responsePayload].filter(Boolean).join(", ")],
  ];
  return (
    <div class="scroll pad" tabIndex={0} role="region" aria-label="Transport">
      {facts.wire !== undefined && (
        <WireChainView trace={trace} chain={facts.wire.chain} request={request} />
      )}
      <Facts rows={rows} />
      {facts.wire === undefined && <p class="note">{unknownText(trace)}</p>}
    </div>
  );
}

function unknownText({ index: { wire } }: Trace): string {
  return wire === undefined
    ? "This recording has no wire log. So it cannot say how many attempts the request took, which headers came back, when it was connected and when the first event arrived, nor over which connection it went: retries of the transport are inside the one time above."
    : "The wire log of this recording has nothing of this request: it was cut off, or the request failed before anything was tried.";
}
