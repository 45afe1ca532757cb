import type { PageWire, WireCount } from "@codex-ts/trace-viewer-page/format";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { count, duration, plural, time } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { Facts } from "./bits.tsx";
import { goTo } from "../state/route.ts";
import { WireChainView } from "./wire-chain.tsx";

/** The wire log as a whole: attempts, lost time, findings, and what is no request of a turn. */
export function WireSummaryView({ trace }: { readonly trace: Trace }): JSX.Element {
  const { wire, requests } = trace.index;
  if (wire === undefined) return <></>;
  // All tries of a request have its finding, so the first of them stands for it.
  const chains = new Set<number>();
  const findings = requests.flatMap(({ wire: facts }, number) => {
    if (facts?.finding === undefined || chains.has(facts.chain)) return [];
    chains.add(facts.chain);
    return [{ number, ...facts.finding }];
  });
  return (
    <>
      <h2>On the wire</h2>
      <Facts rows={summaryRows(wire)} />
      {findings.length > 0 && (
        <ol class="diagnostics">
          {findings.slice(0, MAX_SHOWN).map(({ number, severity, code, sentence }) => (
            <li key={number}>
              <button class="link" onClick={() => goTo(number, { tab: "wire" })}>
                request {number + 1}
              </button>{" "}
              <span class={severity === "failed" ? "bad" : ""}>{code}</span> {sentence}
            </li>
          ))}
        </ol>
      )}
      {findings.length > MAX_SHOWN && (
        <p class="muted">and {plural(findings.length - MAX_SHOWN, "more finding")}</p>
      )}
      {wire.others.length > 0 && (
        <>
          <h3>Warm-ups, compactions and the like</h3>
          {wire.others.slice(0, MAX_SHOWN).map((other, index) => (
            <Other key={index} trace={trace} other={other} />
          ))}
        </>
      )}
      {wire.diagnostics.length > 0 && (
        <p class="note">
          {plural(wire.diagnostics.length, "problem")} in the wire log, the first:{" "}
          {wire.diagnostics[0]?.message}
        </p>
      )}
    </>
  );
}

const MAX_SHOWN = 100;

function Other({
  trace,
  other: { kind, finding, chain },
}: {
  readonly trace: Trace;
  readonly other: PageWire["others"][number];
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {kind === "prewarm" ? "warm-up" : kind}
        {finding !== undefined && (
          <span class={finding.severity === "failed" ? "bad" : "muted"}> {finding.sentence}</span>
        )}
      </summary>
      {isOpen && <WireChainView trace={trace} chain={chain} />}
    </details>
  );
}

function countText({ what, count: all, failed }: WireCount): string {
  const name = what === "request" ? plural(all, "try", "tries") : plural(all, what);
  return `${name}, ${failed} failed`;
}

function summaryRows({ summary, counts, lost }: PageWire): readonly (readonly [string, string])[] {
  const { connections, retries, switches } = summary;
  return [
    ...counts.map(([name, each]) => [name, each.map(countText).join("; ")] as const),
    ...(connections > 0 ? [["connections", count(connections)] as const] : []),
    ["retries", count(retries)],
    [
      "time lost",
      `${duration(lost.connectingMs)} connecting, ${duration(lost.waitingForRetriesMs)} waiting for retries, ${duration(lost.stalledMs)} in silence`,
    ],
    ...switches.map(
      ({ at_ms: at, from, to, cause }) =>
        [
          "switched",
          `from ${from} to ${to} at ${time(at)}: ${cause.replaceAll("_", " ")}`,
        ] as const,
    ),
  ];
}
