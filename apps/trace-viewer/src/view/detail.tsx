import type { JSX } from "preact";
import { whyOf } from "../data/trace.ts";
import type { Trace } from "../data/trace.ts";
import { isFailure } from "../state/filters.ts";
import { TABS, pane, selected, tab } from "../state/route.ts";
import type { Tab } from "../state/route.ts";
import { Empty, Status } from "./bits.tsx";
import { ContextTab } from "./context-tab.tsx";
import { DiffTab } from "./diff-tab.tsx";
import { RawTab } from "./raw-tab.tsx";
import { ResponseTab } from "./response-tab.tsx";
import { SeenTab } from "./seen-tab.tsx";
import { WireTab } from "./wire-tab.tsx";

const TITLES: { readonly [tab in Tab]: string } = {
  seen: "Seen",
  response: "Response",
  diff: "Diff",
  wire: "Wire",
  raw: "Raw",
  context: "Context",
};
const CONTENTS: {
  readonly [tab in Tab]: (props: { trace: Trace; request: number }) => JSX.Element;
} = {
  seen: SeenTab,
  response: ResponseTab,
  diff: DiffTab,
  wire: WireTab,
  raw: RawTab,
  context: ContextTab,
};

/** The selected request, from six sides. */
export function Detail({ trace }: { readonly trace: Trace }): JSX.Element {
  const request = selected.value;
  if (trace.request(request) === undefined)
    return <Empty>The recording has no requests. Session says what it has.</Empty>;
  const Content = CONTENTS[tab.value];
  return (
    <>
      <div class="tabs">
        <button class="back link" onClick={() => (pane.value = "list")}>
          ‹ list
        </button>
        <div
          role="tablist"
          aria-label={`Request ${request + 1}`}
          onKeyDown={({ key }) => {
            const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? TABS.length - 1 : 0;
            if (by === 0) return;
            tab.value = TABS[(TABS.indexOf(tab.value) + by) % TABS.length] ?? "seen";
            document.getElementById(`tab-${tab.value}`)?.focus();
          }}
        >
          {TABS.map((each) => (
            <button
              key={each}
              id={`tab-${each}`}
              role="tab"
              aria-selected={tab.value === each}
              aria-controls="panel"
              tabIndex={tab.value === each ? 0 : -1}
              onClick={() => (tab.value = each)}
            >
              {TITLES[each]}
            </button>
          ))}
        </div>
      </div>
      <div
        id="panel"
        role="tabpanel"
        aria-labelledby={`tab-${tab.value}`}
        class="panel"
        key={`${request} ${tab.value}`}
      >
        <Why trace={trace} request={request} />
        <Content trace={trace} request={request} />
      </div>
    </>
  );
}

/** Why a request failed, above each tab that does not itself begin with it. */
function Why({ trace, request }: { readonly trace: Trace; readonly request: number }): JSX.Element {
  const facts = trace.request(request);
  if (facts === undefined || !isFailure(facts)) return <></>;
  const why = whyOf(facts);
  const { finding } = facts.wire ?? {};
  const sentence = finding?.sentence ?? why;
  // The tab that says most of it.
  const more: Tab = finding === undefined ? "response" : "wire";
  const isSaid =
    tab.value === "wire"
      ? finding !== undefined && why === sentence
      : tab.value === "response" && why === facts.failure;
  if (isSaid) return <></>;
  return (
    <p class="why" role="note">
      <Status status={facts.execution.status} /> after {trace.timeOf(request)}
      {": "}
      {why ?? "nothing says why"}
      {sentence !== why && `. All tries together: ${sentence}`}{" "}
      {tab.value !== more && (
        <button class="link" onClick={() => (tab.value = more)}>
          {TITLES[more]} says more
        </button>
      )}
    </p>
  );
}
