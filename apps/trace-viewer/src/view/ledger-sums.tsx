import type { JSX } from "preact";
import { count, duration, money } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";

type Ledger = Trace["index"]["ledger"];
type Sum = Ledger["total"];

/** Unknown tokens are not 0, and a sum with something unknown in it is the least it can be. */
export function known(sum: Sum, of: (tokens: Sum["tokens"]) => number): string {
  if (sum.requests > 0 && sum.requestsWithoutTokens === sum.requests) return "–";
  return `${sum.requestsWithoutTokens > 0 ? "≥ " : ""}${count(of(sum.tokens))}`;
}

/** The turns and the agents of a run, each as a whole. */
export function LedgerSums({ trace }: { readonly trace: Trace }): JSX.Element {
  const { ledger, turns } = trace.index;
  const numbers = new Map<number, number>();
  const names = new Map(
    turns.map(({ turnId, agent }) => {
      const number = (numbers.get(agent) ?? 0) + 1;
      numbers.set(agent, number);
      const path = trace.index.agents.length > 1 ? ` of ${trace.agentName(agent)}` : "";
      return [turnId, `turn ${number}${path}`] as const;
    }),
  );
  return (
    <>
      <Sums
        ledger={ledger}
        what="Turns"
        rows={ledger.turns.map((turn) => [names.get(turn.turnId) ?? turn.turnId, turn])}
      />
      <Sums
        ledger={ledger}
        what="Agents"
        rows={ledger.agents.flatMap((agent) => [
          [agent.agentPath, agent],
          ...(agent.withChildren.requests > agent.requests
            ? ([[`${agent.agentPath} and those it started`, agent.withChildren]] as const)
            : []),
        ])}
      />
    </>
  );
}

const MAX_ROWS = 500;

function Sums({
  ledger,
  what,
  rows,
}: {
  readonly ledger: Ledger;
  readonly what: string;
  readonly rows: readonly (readonly [name: string, sum: Sum])[];
}): JSX.Element {
  const hasWire = ledger.total.warmUps !== undefined;
  const time = (ms: number | undefined): string => (ms === undefined ? "–" : duration(ms));
  const columns: readonly (readonly [name: string, value: (sum: Sum) => string])[] = [
    ["requests", ({ requests }) => count(requests)],
    ["compactions", ({ compactionRequests }) => count(compactionRequests)],
    ...(hasWire
      ? ([
          ["tries", ({ attempts }) => (attempts === undefined ? "–" : count(attempts))],
          ["warm-ups", ({ warmUps }) => count(warmUps ?? 0)],
        ] as const satisfies readonly (readonly [string, (sum: Sum) => string])[])
      : []),
    ["input", (sum) => known(sum, ({ input }) => input)],
    ["cached", (sum) => known(sum, ({ cachedInput }) => cachedInput)],
    ["cache write", (sum) => known(sum, ({ cacheWriteInput }) => cacheWriteInput)],
    ["output", (sum) => known(sum, ({ output }) => output)],
    ["reasoning", (sum) => known(sum, ({ reasoningOutput }) => reasoningOutput)],
    ["total", (sum) => known(sum, ({ total }) => total)],
    ...(hasWire
      ? ([
          ["first event p50", ({ firstEvent }) => time(firstEvent?.p50)],
          ["p95", ({ firstEvent }) => time(firstEvent?.p95)],
        ] as const satisfies readonly (readonly [string, (sum: Sum) => string])[])
      : []),
    ["in requests", ({ durationMs }) => duration(durationMs)],
    ...(ledger.currency === undefined
      ? []
      : ([
          [
            `cost (${ledger.currency})`,
            ({ costNano, requestsWithoutCost }) =>
              costNano === undefined
                ? "–"
                : `${requestsWithoutCost > 0 ? "≥ " : ""}${money(costNano)}`,
          ],
        ] as const satisfies readonly (readonly [string, (sum: Sum) => string])[])),
  ];
  return (
    <>
      <h2>{what}</h2>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={what}>
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">{what.toLowerCase().slice(0, -1)}</th>
              {columns.map(([name]) => (
                <th key={name} scope="col" class="num">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MAX_ROWS).map(([name, sum], index) => (
              <tr key={index}>
                <th scope="row" title={name}>
                  {name}
                </th>
                {columns.map(([column, value]) => (
                  <td key={column} class="num">
                    {value(sum)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MAX_ROWS && <p class="muted">and {count(rows.length - MAX_ROWS)} more</p>}
    </>
  );
}
