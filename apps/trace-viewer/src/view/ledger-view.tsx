import { percentiles } from "@codex-ts/rollout-trace/ledger";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count, duration, money, plural } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { goTo } from "../state/route.ts";
import { CopyButton, Status } from "./bits.tsx";
import { LedgerSums } from "./ledger-sums.tsx";

interface Column {
  readonly name: string;
  readonly isNumber: boolean;
  /** Its meaning, where the name leaves that open. */
  readonly title?: string;
  readonly value: (row: Row) => number | string | undefined;
  readonly shown?: (value: number) => string;
}

type Row = Trace["index"]["ledger"]["requests"][number] & { readonly agent: string };

const COLUMNS: readonly Column[] = [
  { name: "request", isNumber: true, value: ({ number }) => number, shown: String },
  { name: "agent", isNumber: false, value: ({ agent }) => agent },
  { name: "model", isNumber: false, value: ({ model }) => model },
  { name: "status", isNumber: false, value: ({ status }) => status },
  { name: "input", isNumber: true, value: ({ tokens }) => tokens?.input },
  { name: "cached", isNumber: true, value: ({ tokens }) => tokens?.cachedInput },
  {
    name: "cached %",
    isNumber: true,
    value: ({ tokens }) =>
      tokens === undefined || tokens.input === 0
        ? undefined
        : Math.round((tokens.cachedInput / tokens.input) * 100),
  },
  { name: "cache write", isNumber: true, value: ({ tokens }) => tokens?.cacheWriteInput },
  { name: "output", isNumber: true, value: ({ tokens }) => tokens?.output },
  { name: "reasoning", isNumber: true, value: ({ tokens }) => tokens?.reasoningOutput },
  { name: "total", isNumber: true, value: ({ tokens }) => tokens?.total },
  {
    name: "lasted",
    isNumber: true,
    title: "from the start of the request to its end, with all that the transport repeated",
    value: ({ durationMs }) => durationMs,
    shown: duration,
  },
];
const WIRE_COLUMNS: readonly Column[] = [
  { name: "tries", isNumber: true, value: ({ attempts }) => attempts },
  {
    name: "first event",
    isNumber: true,
    title: "from the start of the request to the first event of its last try",
    value: ({ firstEventMs }) => firstEventMs,
    shown: duration,
  },
];

/** Tokens, time and cost of every request, and what they come to. */
export function LedgerView({ trace }: { readonly trace: Trace }): JSX.Element {
  const { ledger, pricesAsOf } = trace.index;
  const [sort, setSort] = useState({ column: "request", isDown: false });
  const columns = useMemo(
    () => [
      ...COLUMNS,
      ...(ledger.total.warmUps === undefined ? [] : WIRE_COLUMNS),
      ...(ledger.currency === undefined
        ? []
        : [
            {
              name: `cost (${ledger.currency})`,
              isNumber: true,
              value: ({ costNano }: Row) => costNano,
              shown: money,
            },
          ]),
    ],
    [ledger],
  );
  // To copy, the agent belongs to a row; to look at, it says nothing where there is one.
  const shown = columns.filter(({ name }) => name !== "agent" || trace.index.agents.length > 1);
  const rows = useMemo(() => sorted(rowsOf(trace), columns, sort), [trace, columns, sort]);
  const { total } = ledger;
  const [limit, setLimit] = useState(PAGE_ROWS);
  return (
    <section class="scroll pad wide" tabIndex={0} aria-label="Ledger">
      <h2>Ledger</h2>
      <p>
        {plural(total.requests, "request")}, {total.requestsWithoutTokens > 0 && "at least "}
        <strong>{count(total.tokens.input)}</strong> tokens in ({count(total.tokens.cachedInput)}{" "}
        cached), <strong>{count(total.tokens.output)}</strong> out
        {total.costNano !== undefined && (
          <>
            , {total.requestsWithoutCost > 0 && "at least "}
            <strong>
              {money(total.costNano)} {ledger.currency}
            </strong>
            {pricesAsOf !== undefined && <span class="muted"> at prices of {pricesAsOf}</span>}
          </>
        )}
        .
        {timesText(
          "A request took",
          percentiles(rows.flatMap(({ durationMs }) => durationMs ?? [])),
        )}
        {timesText("Its first event came after", total.firstEvent)}
      </p>
      {total.requestsWithoutTokens > 0 && (
        <p class="muted">
          {plural(total.requestsWithoutTokens, "request")} without counters: the response did not
          say, as is usual for failures.
        </p>
      )}
      {total.compactionRequests > 0 && (
        <p class="muted">
          {plural(total.compactionRequests, "compaction request")}: a recording does not say how
          many tokens they took.
        </p>
      )}
      {(total.warmUps ?? 0) > 0 && (
        <p class="muted">
          {plural(total.warmUps ?? 0, "warm-up")}: a recording does not say how many tokens they
          took.
        </p>
      )}
      {ledger.unpricedModels.length > 0 && (
        <p class="muted">No price for {ledger.unpricedModels.join(", ")}.</p>
      )}
      <p class="copies">
        <CopyButton label="Copy as CSV" what="CSV" text={() => asCsv(rows, columns)} />{" "}
        <CopyButton
          label="Copy as Markdown"
          what="Markdown"
          text={() => asMarkdown(rows, columns)}
        />
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Requests">
        <table class="grid">
          <thead>
            <tr>
              {shown.map(({ name, isNumber, title }) => (
                <th
                  key={name}
                  scope="col"
                  title={title}
                  class={isNumber ? "num" : ""}
                  aria-sort={
                    sort.column === name ? (sort.isDown ? "descending" : "ascending") : "none"
                  }
                >
                  <button
                    class="link"
                    onClick={() =>
                      setSort({
                        column: name,
                        isDown:
                          sort.column === name ? !sort.isDown : isNumber && name !== "request",
                      })
                    }
                  >
                    {name}
                    {sort.column === name && (
                      <span aria-hidden="true">
                        {"\u00a0"}
                        {sort.isDown ? "▾" : "▴"}
                      </span>
                    )}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, limit).map((row) => (
              <tr key={row.number}>
                {shown.map((column) => (
                  <td
                    key={column.name}
                    class={column.isNumber ? "num" : "clip"}
                    title={column.isNumber ? undefined : plainCell(row, column)}
                  >
                    {cell(row, column)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > limit && (
        <button class="more" onClick={() => setLimit(limit + 10 * PAGE_ROWS)}>
          Show more of {count(rows.length)} requests
        </button>
      )}
      <LedgerSums trace={trace} />
    </section>
  );
}

const PAGE_ROWS = 300;

function rowsOf(trace: Trace): readonly Row[] {
  const paths = new Map(trace.index.agents.map(({ threadId, path }) => [threadId, path]));
  return trace.index.ledger.requests.map((request) => ({
    ...request,
    agent: paths.get(request.threadId) ?? "",
  }));
}

function sorted(
  rows: readonly Row[],
  columns: readonly Column[],
  sort: { column: string; isDown: boolean },
): readonly Row[] {
  const column = columns.find(({ name }) => name === sort.column);
  if (column === undefined) return rows;
  const sign = sort.isDown ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [column.value(left), column.value(right)];
    // What is unknown comes last in both directions.
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
    return a === b ? 0 : a < b ? -sign : sign;
  });
}

function cell(row: Row, column: Column): JSX.Element | string {
  const value = column.value(row);
  if (column.name === "request")
    return (
      <button class="link" onClick={() => goTo(row.number - 1)}>
        {row.number}
      </button>
    );
  if (column.name === "status") return <Status status={row.status} />;
  if (value === undefined) return "–";
  return typeof value === "number" ? (column.shown ?? count)(value) : value;
}

function timesText(what: string, times: Trace["index"]["ledger"]["total"]["firstEvent"]): string {
  return times === undefined
    ? ""
    : ` ${what} ${duration(times.p50)} (p50), ${duration(times.p95)} (p95), ${duration(times.max)} at most.`;
}

function plainCell(row: Row, { value }: Column): string {
  return String(value(row) ?? "");
}

function asCsv(rows: readonly Row[], columns: readonly Column[]): string {
  const quote = (text: string): string => {
    // A text of a recording must not become a formula of a spreadsheet.
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) => columns.map((column) => plainCell(row, column))),
  ];
  return lines.map((cells) => `${cells.map(quote).join(",")}\r\n`).join("");
}

function asMarkdown(rows: readonly Row[], columns: readonly Column[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(columns.map(({ name }) => name)),
    line(columns.map(({ isNumber }) => (isNumber ? "--:" : "---"))),
    ...rows.map((row) => line(columns.map((column) => plainCell(row, column)))),
  ].join("\n");
}
