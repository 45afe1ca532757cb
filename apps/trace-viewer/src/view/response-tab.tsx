import type { JSX } from "preact";
import { isObject, parseJson, textOf } from "../data/json.ts";
import { count, duration, lasted } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import type { PageRequest, PageTool } from "@codex-ts/trace-viewer-page/format";
import { item as pointedAt } from "../state/route.ts";
import { Empty, Status, useText } from "./bits.tsx";
import { ItemCard } from "./item-card.tsx";
import { LongText } from "./long-text.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** The response: output items, tool calls and how they went, tokens, and what went wrong. */
export function ResponseTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const facts = trace.request(request);
  const text = useText(trace, facts?.response);
  if (facts === undefined) return <Empty>No request.</Empty>;
  const payload = text === undefined ? undefined : parseJson(text);
  const endTurn = isObject(payload) ? payload["end_turn"] : undefined;
  const rows = [
    ...facts.output.map((item) => ({ item })),
    ...facts.tools.map((tool) => ({ tool })),
  ];
  const { status } = facts.execution;
  return (
    <>
      <div class="summary">
        <Status status={status} /> {endText(trace.timeOf(request))}
        {typeof endTurn === "boolean" && <span class="muted"> end_turn {String(endTurn)}</span>}
        <Usage facts={facts} />
      </div>
      {facts.failure !== undefined && (
        <div class="failure" role="note">
          <strong>{status === "cancelled" ? "Why it was cancelled" : "Why it failed"}</strong>
          <LongText text={facts.failure} className="body text" />
        </div>
      )}
      {rows.length === 0 && (
        <Empty>
          {status === "running"
            ? "Still running when the recording stopped: no response was recorded."
            : status === "completed"
              ? "The response had no output items."
              : "No finished item had arrived; half-streamed text is not recorded."}
        </Empty>
      )}
      {rows.length > 0 && status !== "completed" && facts.output.length > 0 && (
        <p class="summary muted">Partial output: the items that had arrived.</p>
      )}
      <VirtualList
        className="cards"
        of={rows}
        count={rows.length}
        estimate={() => 120}
        keyOf={(index) => JSON.stringify(rows[index])}
        focus={rows.findIndex((row) => "item" in row && row.item === pointedAt.value)}
        attributes={{ role: "region", "aria-label": "Output of the response", tabIndex: 0 }}
        row={(index) => {
          const row = rows[index];
          if (row === undefined) return undefined;
          if ("item" in row) return <ItemCard trace={trace} item={row.item} />;
          const tool = trace.tool(row.tool);
          return tool === undefined ? undefined : <ToolCard trace={trace} tool={tool} />;
        }}
      />
    </>
  );
}

function endText(time: string | undefined): string {
  if (time === undefined) return "still running when the recording stopped";
  return `after ${time}`;
}

function Usage({ facts: { usage } }: { readonly facts: PageRequest }): JSX.Element {
  if (usage === null) return <span class="muted"> · tokens unknown: the response did not say</span>;
  const cells: readonly (readonly [string, number | undefined])[] = [
    ["input", usage.input_tokens],
    ["cached", usage.cached_input_tokens],
    ["cache write", usage.cache_write_input_tokens],
    ["output", usage.output_tokens],
    ["reasoning", usage.reasoning_output_tokens],
  ];
  return (
    <dl class="usage">
      {cells.flatMap(([name, value]) =>
        value === undefined
          ? []
          : [
              <div key={name}>
                <dt>{name}</dt>
                <dd>{count(value)}</dd>
              </div>,
            ],
      )}
    </dl>
  );
}

/** One tool call: what was run, how it ended, what it printed. */
function ToolCard({
  trace,
  tool,
}: {
  readonly trace: Trace;
  readonly tool: PageTool;
}): JSX.Element {
  const operation = trace.index.operations[tool.operation];
  const printed = useText(trace, operation?.output);
  const time = lasted(tool.execution);
  return (
    <article class="card tone-tool" aria-label={`tool ${tool.name}`} data-tool-id={tool.id}>
      <header>
        <strong class="kind">tool</strong>
        <code class="tool">{tool.name}</code>
        <Status status={tool.execution.status} />
        {operation !== undefined && operation.exitCode !== null && (
          <span class={operation.exitCode === 0 ? "muted" : "bad"}>
            exit code {operation.exitCode}
          </span>
        )}
        <span class="grow" />
        <span class="muted">{time ?? "never ended in this recording"}</span>
      </header>
      {operation !== undefined && <LongText text={operation.input} className="body code" />}
      {operation?.cwd !== undefined && <p class="muted body">in {operation.cwd}</p>}
      {printed !== undefined && (
        <LongText text={textOf(parseJson(printed)) ?? printed} className="body code" />
      )}
      {operation === undefined && <p class="body muted">{summaryText(tool)}</p>}
    </article>
  );
}

/** The task of a tool that runs no command. */
export function summaryText({ summary }: PageTool): string {
  switch (summary.type) {
    case "agent":
      return `${summary.target_agent_path}${summary.task_name ? ` (${summary.task_name})` : ""}: ${summary.message_preview}`;
    case "wait_agent":
      return `waits for ${summary.target_agent_path ?? "any agent"}${summary.timeout_ms ? `, at most ${duration(summary.timeout_ms)}` : ""}`;
    case "terminal":
      return summary.operation_id;
    case "generic":
      return (
        [taskText(summary.input_preview), summary.output_preview].filter(Boolean).join(" → ") ||
        summary.label
      );
  }
  return summary satisfies never;
}

/** Of a call that starts work of an agent, its words. */
function taskText(input: string | null | undefined): string | null | undefined {
  const call = parseJson(input ?? "");
  const message = isObject(call) ? textOf(call["message"]) : undefined;
  if (!isObject(call) || message === undefined) return input;
  return [textOf(call["task_name"]), message].filter(Boolean).join(": ");
}
