import type { DiffPair } from "@codex-ts/trace-viewer-page/format";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Differences } from "../data/differences.ts";
import { count } from "../data/numbers.ts";
import { goToPair, isShort, listed, pair, stepPair } from "../state/diff-route.ts";
import { notice } from "../state/notice.ts";
import { pane } from "../state/route.ts";
import { Empty } from "./bits.tsx";
import { Difference } from "./difference.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { VerdictText, kindText } from "./verdict.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** As the style has it. */
const ROW_HEIGHT = 48;

/** The page of differences: pairs of requests, and what differs between the two of a pair. */
export function DiffApp({ differences }: { readonly differences: Differences }): JSX.Element {
  const { pairs } = differences.index;
  const isAlone = pairs.length === 1;
  return (
    <div class="app">
      <header class="top">
        <div class="title">
          <h1>{capital(differences.title)}</h1>
          {!isAlone && <span class="muted">{differences.summary}</span>}
        </div>
        <div class="tools">
          <ThemeButton />
        </div>
      </header>
      <main class={`main ${isAlone ? "" : `pane-${pane.value}`}`}>
        {!isAlone && (
          <section class="list" aria-label="Pairs of requests">
            <PairList differences={differences} />
          </section>
        )}
        <section class="detail" aria-label="Selected pair">
          <PairView differences={differences} />
        </section>
      </main>
      <div class="notice" role="status" aria-live="polite">
        {notice.value}
      </div>
    </div>
  );
}

function PairList({ differences }: { readonly differences: Differences }): JSX.Element {
  const { pairs, of } = differences.index;
  const rows = listed.value;
  const notable = useMemo(() => pairs.filter(({ isNotable }) => isNotable).length, [pairs]);
  if (pairs.length === 0) return <Empty>The recording has no requests.</Empty>;
  return (
    <>
      <div class="filters" role="group" aria-label="Filters">
        <button
          class="toggle"
          aria-pressed={isShort.value}
          disabled={notable === 0}
          onClick={() => (isShort.value = !isShort.value)}
        >
          only {count(notable)} {of === "runs" ? "that differ" : "that missed the cache"}
        </button>
      </div>
      <VirtualList
        className="requests"
        count={rows.length}
        of={rows}
        estimate={() => ROW_HEIGHT}
        keyOf={(index) => String(rows[index])}
        focus={rows.indexOf(pair.value)}
        attributes={{
          role: "listbox",
          "aria-label": "Pairs",
          "aria-activedescendant": rows.includes(pair.value) ? `pair-${pair.value}` : undefined,
          tabIndex: 0,
          onKeyDown: (event) => {
            if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
            event.preventDefault();
            stepPair(event.key === "ArrowDown" ? 1 : -1);
          },
        }}
        row={(index) => {
          const number = rows[index];
          const one = pairs[number ?? -1];
          if (number === undefined || one === undefined) return undefined;
          return <PairRow differences={differences} one={one} number={number} />;
        }}
      />
    </>
  );
}

function PairRow({
  differences,
  one,
  number,
}: {
  readonly differences: Differences;
  readonly one: DiffPair;
  readonly number: number;
}): JSX.Element {
  const { requests, of } = differences.index;
  const { agent, before, after, isNotable, verdict } = one;
  const isSelected = pair.value === number;
  const numbers = [before, after].map((each) => requests[each ?? -1]?.number ?? "–");
  return (
    <div
      role="option"
      id={`pair-${number}`}
      aria-selected={isSelected}
      class={`row request-row ${isSelected ? "selected" : ""}`}
      onClick={() => goToPair(number)}
    >
      <span class="cells">
        <strong>{of === "runs" ? numbers.join(" | ") : `Request ${numbers[1]}`}</strong>
        <span class="clip muted">{agent}</span>
        <span class="grow" />
        {of !== "runs" && isNotable && <span class="miss-mark">! cache</span>}
      </span>
      <span class="cells">
        <span class={`clip ${isNotable && of === "runs" ? "bad" : "muted"}`}>
          {verdict === undefined ? runText(one) : `${kindText(verdict.kind)}: ${verdict.reason}`}
        </span>
      </span>
    </div>
  );
}

function runText({ before, after, isNotable }: DiffPair): string {
  if (before === undefined) return "only in the second run";
  if (after === undefined) return "only in the first run";
  return isNotable ? "differs" : "equal";
}

function PairView({ differences }: { readonly differences: Differences }): JSX.Element {
  const one = differences.index.pairs[pair.value];
  const sides = useMemo(() => {
    if (one === undefined || one.verdict?.kind === "cold") return undefined;
    return { before: differences.sideOf(one.before), after: differences.sideOf(one.after) };
  }, [one]);
  if (one === undefined) return <Empty>Nothing to compare.</Empty>;
  const isLone = one.before === undefined || one.after === undefined;
  return (
    <div class="panel" key={pair.value}>
      <Difference
        texts={differences.texts}
        sides={sides}
        head={
          <>
            {differences.index.pairs.length > 1 && (
              <button class="back link" onClick={() => (pane.value = "list")}>
                ‹ all
              </button>
            )}
            <h2>{capital(differences.nameOf(one))}</h2>
          </>
        }
      >
        {one.verdict !== undefined && <VerdictText verdict={one.verdict} />}
        {isLone && one.verdict === undefined && (
          <p class="summary note">{capital(runText(one))}.</p>
        )}
      </Difference>
    </div>
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
