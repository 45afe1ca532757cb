import type { JSX } from "preact";
import { plural } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { query } from "../state/route.ts";
import { currentHit, hits, isPatternWrong, isTooMany, progress, showHit } from "../state/search.ts";
import { VirtualList } from "./virtual-list.tsx";

/** Where the searched word is, in place of the list of requests. */
export function SearchPanel({ trace }: { readonly trace: Trace }): JSX.Element {
  const found = hits.value;
  const state = progress.value;
  const isRunning = state !== undefined && state.done < state.total;
  return (
    <>
      <p class="filters" role="status">
        {isPatternWrong.value
          ? "This is no regular expression."
          : `${plural(found.length, "hit")}${isTooMany.value ? ", and more: the search stopped" : ""}${isRunning ? ` … ${Math.round((state.done / state.total) * 100)} %` : ""}`}
        <span class="grow" />
        <button class="link" onClick={() => (query.value = "")}>
          {isRunning ? "stop" : "close"}
        </button>
      </p>
      <VirtualList
        className="hits"
        of={found}
        count={found.length}
        estimate={() => 54}
        keyOf={(index) => String(index)}
        focus={currentHit.value}
        attributes={{ role: "region", "aria-label": "Hits", tabIndex: 0 }}
        row={(index) => {
          const hit = found[index];
          if (hit === undefined) return undefined;
          return (
            <button
              class="hit"
              aria-current={currentHit.value === index}
              onClick={() => showHit(index)}
            >
              <span class="cells">
                <strong>{hit.request < 0 ? "–" : `request ${hit.request + 1}`}</strong>
                <span class="muted">{hit.label}</span>
                {trace.index.agents.length > 1 && hit.request >= 0 && (
                  <span class="muted clip">
                    {trace.agentName(trace.request(hit.request)?.agent ?? -1)}
                  </span>
                )}
              </span>
              <span class="snippet">
                {hit.before}
                <mark>{hit.match}</mark>
                {hit.after}
              </span>
            </button>
          );
        }}
      />
    </>
  );
}
