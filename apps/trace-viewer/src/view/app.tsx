import type { JSX } from "preact";
import type { Trace } from "../data/trace.ts";
import { notice } from "../state/notice.ts";
import { pane, query, view } from "../state/route.ts";
import { AgentsView } from "./agents-view.tsx";
import { Detail } from "./detail.tsx";
import { Help } from "./help.tsx";
import { LedgerView } from "./ledger-view.tsx";
import { RequestList } from "./request-list.tsx";
import { SearchPanel } from "./search-panel.tsx";
import { SessionView, limitsOf } from "./session-view.tsx";
import { Timeline } from "./timeline.tsx";
import { TopBar } from "./top-bar.tsx";

export function App({ trace }: { readonly trace: Trace }): JSX.Element {
  return (
    <div class="app">
      <TopBar trace={trace} />
      <Warning trace={trace} />
      {view.value === "requests" && <Timeline trace={trace} />}
      <main class={`main view-${view.value} pane-${pane.value}`}>
        {view.value === "requests" && (
          <>
            <section class="list" aria-label="Requests of the run">
              {query.value.trim() === "" ? (
                <RequestList trace={trace} />
              ) : (
                <SearchPanel trace={trace} />
              )}
            </section>
            <section class="detail" aria-label="Selected request">
              <Detail trace={trace} />
            </section>
          </>
        )}
        {view.value === "agents" && <AgentsView trace={trace} />}
        {view.value === "ledger" && <LedgerView trace={trace} />}
        {view.value === "session" && <SessionView trace={trace} />}
      </main>
      <div class="notice" role="status" aria-live="polite">
        {notice.value}
      </div>
      <Help />
    </div>
  );
}

/** Facts a reader must know before believing what is below. */
function Warning({ trace }: { readonly trace: Trace }): JSX.Element {
  const { diagnostics, trace: facts } = trace.index;
  const isPartial =
    facts.status === "running" ||
    facts.recording === "unclosed" ||
    facts.recording === "closed_with_partial_payloads";
  if (diagnostics.length === 0 && !isPartial) return <></>;
  const texts = [
    ...(isPartial ? [`It does not say ${lowered(limitsOf(trace)[0] ?? "")}`] : []),
    ...(diagnostics.length > 0
      ? [`${diagnostics.length} problem${diagnostics.length === 1 ? "" : "s"} found while reading.`]
      : []),
  ];
  return (
    <section class="warning" aria-label="State of the recording">
      <strong>This recording is not whole.</strong> {texts.join(" ")}{" "}
      <button class="link" onClick={() => (view.value = "session")}>
        Session says more
      </button>
    </section>
  );
}

function lowered(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
