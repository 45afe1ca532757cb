import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { duration, plural } from "../data/numbers.ts";
import { upstreamOf } from "../data/trace.ts";
import type { Trace } from "../data/trace.ts";
import { VIEWS, pane, query, selected, view } from "../state/route.ts";
import { stepHit } from "../state/search.ts";
import { IdChip, Status } from "./bits.tsx";
import { isHelpOpen } from "./help.tsx";
import { ThemeButton } from "./theme-button.tsx";

/** The name of the page, both ids of the selected request, search, and the way to everything else. */
export function TopBar({ trace }: { readonly trace: Trace }): JSX.Element {
  const { trace: facts, requests, turns } = trace.index;
  const models = useMemo(() => [...new Set(requests.map(({ model }) => model))], [trace]);
  const request = trace.request(selected.value);
  const failedTurns = useMemo(() => trace.failedTurns, [trace]);
  const upstream = upstreamOf(request);
  return (
    <header class="top">
      <div class="title">
        <h1>
          {models[0] ?? "Codex trace"}
          {models.length > 1 && ` +${models.length - 1}`}
        </h1>
        <span class="muted">
          {plural(turns.length, "turn")} · {plural(requests.length, "request")}
          {facts.endedAt !== null && ` · ${duration(Math.max(0, facts.endedAt - facts.startedAt))}`}
        </span>
        {failedTurns === undefined ? (
          <Status status={facts.status} />
        ) : (
          <span class="status bad">
            <span aria-hidden="true">✕ </span>
            {failedTurns}
          </span>
        )}
      </div>
      <nav aria-label="Views">
        {VIEWS.map((each) => (
          <button
            key={each}
            aria-current={view.value === each ? "page" : undefined}
            onClick={() => (view.value = each)}
          >
            {each}
          </button>
        ))}
      </nav>
      <div class="tools">
        <input
          id="search"
          type="search"
          placeholder="Search everything  ( / )"
          aria-label="Search every text"
          value={query.value}
          onInput={({ currentTarget }) => {
            query.value = currentTarget.value;
            view.value = "requests";
            pane.value = "list";
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== "ArrowDown") return;
            event.preventDefault();
            stepHit(1);
          }}
        />
        <ThemeButton />
        <button
          class="icon"
          title="Keyboard (?)"
          aria-label="Keyboard help"
          onClick={() => (isHelpOpen.value = true)}
        >
          ?
        </button>
      </div>
      {request !== undefined && (
        <div class="ids" aria-label={`Ids of request ${selected.value + 1}`} role="group">
          <span class="ids-of">Request {selected.value + 1}</span>
          <IdChip name="response_id" id={request.responseId} shortcut="c" />
          <IdChip name={upstream[0]} id={upstream[1]} shortcut="C" />
        </div>
      )}
    </header>
  );
}
