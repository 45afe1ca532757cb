import { batch } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { listRows } from "../data/list-rows.ts";
import type { ListRow } from "../data/list-rows.ts";
import {
  compactionText,
  count,
  duration,
  lasted,
  money,
  plural,
  short,
  time,
} from "../data/numbers.ts";
import { whyOf } from "../data/trace.ts";
import type { Trace } from "../data/trace.ts";
import {
  agentFilter,
  clearFilters,
  isFailure,
  isFiltering,
  onlyFailed,
  onlyMisses,
  slowerThan,
  toolFilter,
} from "../state/filters.ts";
import { base, goTo, item, selected } from "../state/route.ts";
import { Empty, RequestLink, statusSign } from "./bits.tsx";
import { summaryText } from "./response-tab.tsx";
import { kindText } from "./verdict.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** Those of the style: a row that is as high as was thought costs no other row anything. */
const HEIGHTS = { turn: 28, request: 48, tool: 24, compaction: 28 } as const;

/** All requests, under their turns, with the tools they called. */
export function RequestList({ trace }: { readonly trace: Trace }): JSX.Element {
  const filters = [
    agentFilter.value,
    onlyFailed.value,
    onlyMisses.value,
    toolFilter.value,
    slowerThan.value,
  ];
  const rows = useMemo(() => listRows(trace), [trace, ...filters]);
  const focus = rows.findIndex((row) => row.type === "request" && row.request === selected.value);
  useEffect(() => {
    const first = rows.find((row) => row.type === "request");
    if (!isFiltering.value || focus >= 0 || first === undefined) return;
    // Not by `goTo`, which on a narrow screen leaves the list.
    batch(() => {
      selected.value = first.request;
      base.value = undefined;
      item.value = undefined;
    });
  }, filters);
  const select = (from: number, by: 1 | -1): void => {
    for (let at = from + by; at >= 0 && at < rows.length; at += by) {
      const row = rows[at];
      if (row?.type === "request") {
        goTo(row.request);
        return;
      }
    }
  };
  return (
    <>
      <Filters trace={trace} />
      {rows.length === 0 ? (
        <Empty>
          {isFiltering.value ? (
            <>
              No request fits these filters.{" "}
              <button class="link" onClick={clearFilters}>
                Clear them
              </button>
            </>
          ) : (
            "The recording has no requests."
          )}
        </Empty>
      ) : (
        <VirtualList
          className="requests"
          count={rows.length}
          of={rows}
          estimate={(index) => HEIGHTS[rows[index]?.type ?? "request"]}
          keyOf={(index) => keyOf(rows[index])}
          focus={focus}
          attributes={{
            role: "treegrid",
            "aria-label": "Requests",
            "aria-rowcount": rows.length,
            "aria-activedescendant": focus < 0 ? undefined : `request-${selected.value}`,
            tabIndex: 0,
            onKeyDown: (event) => {
              const { key } = event;
              if (key !== "ArrowDown" && key !== "ArrowUp" && key !== "Enter") return;
              event.preventDefault();
              if (key === "Enter") goTo(selected.value);
              else select(focus, key === "ArrowDown" ? 1 : -1);
            },
          }}
          row={(index) => {
            const row = rows[index];
            return row === undefined ? undefined : <Row trace={trace} row={row} index={index} />;
          }}
        />
      )}
    </>
  );
}

/** Asked for every row of a run whenever rows come or go. */
function keyOf(row: ListRow | undefined): string {
  switch (row?.type) {
    case "turn":
      return `turn ${row.agent} ${row.turn} ${row.first}`;
    case "request":
      return `request ${row.request}`;
    case "tool":
      return `tool ${row.tool}`;
    case "compaction":
      return `compaction ${row.compaction}`;
    case undefined:
  }
  return "";
}

function Row({
  trace,
  row,
  index,
}: {
  readonly trace: Trace;
  readonly row: ListRow;
  readonly index: number;
}): JSX.Element {
  switch (row.type) {
    case "turn":
      return <TurnRow trace={trace} row={row} index={index} />;
    case "request":
      return <RequestRow trace={trace} number={row.request} index={index} />;
    case "tool": {
      const tool = trace.tool(row.tool);
      const operation = trace.index.operations[tool?.operation ?? -1];
      const exitCode = operation?.exitCode;
      const isBad = tool?.execution.status === "failed" || (exitCode ?? 0) !== 0;
      return (
        <div
          role="row"
          aria-level={3}
          aria-rowindex={index + 1}
          class="row tool-row"
          onClick={() => goTo(row.request, { tab: "response" })}
        >
          <span role="gridcell" class="cells">
            <code>{tool?.name}</code>
            <span class="clip muted">
              {operation?.input ?? (tool === undefined ? "" : summaryText(tool))}
            </span>
            <span class="grow" />
            {isBad && (
              <span class="bad">
                {exitCode === undefined || exitCode === null
                  ? tool?.execution.status
                  : `exit ${exitCode}`}
              </span>
            )}
            <span class="muted">
              {tool === undefined ? "" : (lasted(tool.execution) ?? "running")}
            </span>
          </span>
        </div>
      );
    }
    case "compaction": {
      const compaction = trace.index.compactions[row.compaction];
      if (compaction === undefined) return <></>;
      const { at, previous, next } = compaction;
      return (
        <div
          role="row"
          aria-level={1}
          aria-rowindex={index + 1}
          class="row compaction-row"
          title={time(at)}
        >
          <span role="gridcell" class="cells">
            <span class="clip">⤓ {compactionText(compaction)}</span>
            <span class="grow" />
            <span>
              {previous >= 0 && (
                <>
                  after <RequestLink request={previous} tab="seen" />
                </>
              )}
              {next >= 0 && (
                <>
                  {" "}
                  before <RequestLink request={next} tab="diff" />
                </>
              )}
            </span>
            <span>{time(at).slice(11, 19)}</span>
          </span>
        </div>
      );
    }
  }
  return row satisfies never;
}

function TurnRow({
  trace,
  row: { turn, agent, count: requests },
  index,
}: {
  readonly trace: Trace;
  readonly row: Extract<ListRow, { type: "turn" }>;
  readonly index: number;
}): JSX.Element {
  const facts = trace.index.turns[turn];
  const ofAgent = trace.index.turns.filter((each) => each.agent === agent).indexOf(facts as never);
  const status = facts?.execution.status ?? "unknown";
  return (
    <div role="row" aria-level={1} aria-rowindex={index + 1} class="row turn-row">
      <span role="gridcell" class="cells">
        <span class={`dot agent-${agent % 8}`} aria-hidden="true" />
        <strong>{turn < 0 ? "Turn unknown" : `Turn ${ofAgent + 1}`}</strong>
        {trace.index.agents.length > 1 && <span class="clip">{trace.agentName(agent)}</span>}
        <span class="muted">{plural(requests, "request")}</span>
        <span class="grow" />
        {status !== "completed" && (
          <span
            class={status === "running" ? "muted" : "clip bad"}
            title={facts?.failure ?? status}
          >
            {facts?.failure === undefined ? status : `${status}: ${facts.failure}`}
          </span>
        )}
        <span class="muted">{facts === undefined ? "" : (lasted(facts.execution) ?? "")}</span>
      </span>
    </div>
  );
}

function RequestRow({
  trace,
  number,
  index,
}: {
  readonly trace: Trace;
  readonly number: number;
  readonly index: number;
}): JSX.Element {
  const request = trace.request(number);
  if (request === undefined) return <></>;
  const { execution, usage, verdict, failure, wire } = request;
  const finding = wire?.finding;
  const why = whyOf(request);
  const { status } = execution;
  const isSelected = selected.value === number;
  const isBad = isFailure(request);
  const input = usage?.input_tokens ?? 0;
  const cached = input === 0 ? 0 : Math.min(1, (usage?.cached_input_tokens ?? 0) / input);
  const { costNano: cost, firstEventMs } = trace.ledgerOf(number) ?? {};
  return (
    <div
      role="row"
      id={`request-${number}`}
      aria-level={2}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      class={`row request-row ${isSelected ? "selected" : ""} ${isBad ? "failed" : ""}`}
      title={time(execution.started_at_unix_ms)}
      onClick={() => goTo(number)}
    >
      <span role="gridcell" class="cells">
        <span class={`dot agent-${request.agent % 8}`} aria-hidden="true" />
        <span class="number">{number + 1}</span>
        <span class={`status-sign status-${status}`} role="img" aria-label={status}>
          {statusSign(status)}
        </span>
        <span class="clip">{summaryOf(trace, number)}</span>
        <span class="grow" />
        {verdict.isMiss && (
          <span class="miss-mark" title={`${kindText(verdict.kind)}: ${verdict.reason}`}>
            ! cache
          </span>
        )}
        {wire !== undefined && wire.sent > 1 && (
          <span class="retry-mark" title={finding?.sentence ?? ""}>
            sent {wire.sent} times
          </span>
        )}
        {cost !== undefined && (
          <span class="muted">
            {money(cost)} {trace.index.ledger.currency}
          </span>
        )}
        <span
          class="muted time"
          title={firstEventMs === undefined ? "" : `first event after ${duration(firstEventMs)}`}
        >
          {trace.timeOf(number) ?? "running"}
        </span>
      </span>
      <span role="gridcell" class="cells second">
        {isBad && why !== undefined ? (
          <span class="clip bad" title={finding?.sentence ?? failure}>
            {why}
          </span>
        ) : usage === null ? (
          <span class="muted">
            {status === "running" ? "still running when the recording stopped" : "tokens unknown"}
          </span>
        ) : (
          <>
            <span class="meter" aria-hidden="true">
              <span style={{ width: `${cached * 100}%` }} />
            </span>
            <span class="clip muted">
              {short(input)} in, {Math.round(cached * 100)}% cached, {short(usage.output_tokens)}{" "}
              out
            </span>
            <span class="grow" />
            {firstEventMs !== undefined && (
              <span class="muted">
                first <span class="roomy">event </span>
                {duration(firstEventMs)}
              </span>
            )}
          </>
        )}
      </span>
    </div>
  );
}

/** The result of a request: tools it called, or a message. */
function summaryOf(trace: Trace, number: number): string {
  const request = trace.request(number);
  const names = (request?.tools ?? []).map((tool) => trace.tool(tool)?.name ?? "tool");
  if (names.length > 0)
    return [...Map.groupBy(names, (name) => name)]
      .map(([name, all]) => (all.length > 1 ? `${name} ×${all.length}` : name))
      .join(", ");
  const kinds = new Set((request?.output ?? []).map((each) => trace.item(each)?.kind));
  if (kinds.has("message")) return "message";
  if (kinds.has("function_call") || kinds.has("custom_tool_call")) return "tool call";
  return kinds.has("reasoning")
    ? "reasoning only"
    : request?.execution.status === "completed"
      ? "no output"
      : (request?.execution.status ?? "");
}

function Filters({ trace }: { readonly trace: Trace }): JSX.Element {
  const { agents, requests } = trace.index;
  const tools = useMemo(
    () => [...new Set(trace.index.tools.map(({ name }) => name))].toSorted(),
    [trace],
  );
  const failed = useMemo(() => requests.filter(isFailure).length, [trace]);
  const misses = useMemo(() => requests.filter(({ verdict }) => verdict.isMiss).length, [trace]);
  return (
    <div class="filters" role="group" aria-label="Filters">
      <button
        class="toggle"
        aria-pressed={onlyFailed.value}
        disabled={failed === 0}
        onClick={() => (onlyFailed.value = !onlyFailed.value)}
      >
        {count(failed)} failed
      </button>
      <button
        class="toggle"
        aria-pressed={onlyMisses.value}
        disabled={misses === 0}
        onClick={() => (onlyMisses.value = !onlyMisses.value)}
      >
        {plural(misses, "cache miss").replace("misss", "misses")}
      </button>
      {agents.length > 1 && (
        <select
          aria-label="Agent"
          value={agentFilter.value ?? ""}
          onChange={({ currentTarget: { value } }) =>
            (agentFilter.value = value === "" ? undefined : Number(value))
          }
        >
          <option value="">all agents</option>
          {agents.map(({ path }, agent) => (
            <option key={agent} value={agent}>
              {path}
            </option>
          ))}
        </select>
      )}
      {tools.length > 0 && (
        <select
          aria-label="Tool"
          value={toolFilter.value}
          onChange={({ currentTarget }) => (toolFilter.value = currentTarget.value)}
        >
          <option value="">any tool</option>
          {tools.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <select
        aria-label="Slower than"
        value={slowerThan.value ?? ""}
        onChange={({ currentTarget: { value } }) =>
          (slowerThan.value = value === "" ? undefined : Number(value))
        }
      >
        <option value="">any time</option>
        {[1, 5, 15, 60].map((seconds) => (
          <option key={seconds} value={seconds}>
            over {seconds} s
          </option>
        ))}
      </select>
      {isFiltering.value && (
        <button class="link" onClick={clearFilters}>
          clear
        </button>
      )}
    </div>
  );
}
