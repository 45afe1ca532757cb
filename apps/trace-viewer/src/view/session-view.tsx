import type { PageCompaction } from "@codex-ts/trace-viewer-page/format";
import type { JSX } from "preact";
import { count, duration, plural, time } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { Facts } from "./bits.tsx";
import { WireSummaryView } from "./wire-summary.tsx";

/** The recording itself: what it is, what was wrong with it, what it cannot know. */
export function SessionView({ trace }: { readonly trace: Trace }): JSX.Element {
  const {
    trace: facts,
    diagnostics,
    requests,
    agents,
    turns,
    tools,
    items,
    compactions,
  } = trace.index;
  const limits = limitsOf(trace);
  const failedTurns = trace.failedTurns;
  const rows: readonly (readonly [string, string])[] = [
    ["trace", facts.traceId],
    ["rollout", facts.rolloutId],
    ["root thread", facts.rootThreadId],
    ["trace schema", String(facts.schemaVersion)],
    ["status", failedTurns ?? facts.status],
    ...(failedTurns === undefined ? [] : [["recording", facts.status] as const]),
    ["started", time(facts.startedAt)],
    ["ended", facts.endedAt === null ? "not in this recording" : time(facts.endedAt)],
    ["lasted", facts.endedAt === null ? "–" : duration(facts.endedAt - facts.startedAt)],
    ["models", [...new Set(requests.map(({ model }) => model))].join(", ") || "–"],
    ["agents", count(agents.length)],
    ["turns", count(turns.length)],
    ["requests", count(requests.length)],
    ["tool calls", count(tools.length)],
    ["items", count(items.length)],
    ["compactions", compactionCount(compactions)],
  ];
  return (
    <section class="scroll pad wide" tabIndex={0} aria-label="Session">
      <h2>Session</h2>
      <Facts rows={rows} />
      <h2>Problems found while reading</h2>
      {diagnostics.length === 0 ? (
        <p>None: everything in the recording could be understood.</p>
      ) : (
        <>
          <p>
            {plural(diagnostics.length, "problem")}. What they touch is left out or shown as far as
            it can be understood.
          </p>
          <ol class="diagnostics">
            {diagnostics.slice(0, MAX_SHOWN).map(({ code, message, line, seq }, index) => (
              <li key={index}>
                <code>{code}</code> {message}{" "}
                <span class="muted">
                  {[
                    line === undefined ? "" : `line ${line}`,
                    seq === undefined ? "" : `event ${seq}`,
                  ]
                    .filter(Boolean)
                    .join(", ")}
                </span>
              </li>
            ))}
          </ol>
          {diagnostics.length > MAX_SHOWN && (
            <p class="muted">and {plural(diagnostics.length - MAX_SHOWN, "more problem")}</p>
          )}
        </>
      )}
      <WireSummaryView trace={trace} />
      {limits.length > 0 && (
        <>
          <h2>What this recording cannot say</h2>
          <ul class="limits">
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const MAX_SHOWN = 200;

function compactionCount(compactions: readonly PageCompaction[]): string {
  const failed = compactions.filter(({ isFailed }) => isFailed).length;
  const alone = compactions.filter(({ items }) => items === undefined).length - failed;
  const parts = [
    ...(alone > 0 ? [`${count(alone)} only in the wire log`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
  ];
  return `${count(compactions.length - failed)}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

/** Things a reader might look for in vain. */
export function limitsOf({
  index: { trace, requests, compactions, compactionRequests, texts, wire },
}: Trace): readonly string[] {
  const running = requests.filter(({ execution }) => execution.status === "running").length;
  const unread = requests.filter(({ input }) => input === undefined).length;
  return [
    ...(trace.status === "running"
      ? ["How the run ended: it was still going on when this page was made, or it was killed."]
      : []),
    ...(trace.recording === "unclosed" && trace.status !== "running"
      ? ["Whether anything came after its last line: the recording was never closed."]
      : []),
    ...(trace.recording === "closed_with_partial_payloads"
      ? ["Everything: some payloads did not fit into the limits of the recording."]
      : []),
    ...(running > 0
      ? [`How ${plural(running, "request")} ended: still running when the recording stopped.`]
      : []),
    ...(unread > 0
      ? [`What ${plural(unread, "request")} sent: missing or damaged in the recording.`]
      : []),
    ...(wire === undefined
      ? [
          "What happened on the wire: attempts, headers, time to the first event. There is no wire log beside it.",
        ]
      : []),
    ...(trace.schemaVersion === 1
      ? [
          "When an item entered the history: trace schema 1 does not record that. Nor how many tokens were written to the cache.",
        ]
      : []),
    ...(compactions.some(({ items }) => items === undefined)
      ? ["What compactions made of the history at once: the next request of each shows it."]
      : []),
    ...(compactionRequests.length > 0 ? ["How many tokens compaction requests took."] : []),
    ...(texts.lengths.length === 0 ? ["Any text: it has none."] : []),
  ];
}
