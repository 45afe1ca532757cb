import type { JSX } from "preact";
import { duration, lasted, money } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { goTo } from "../state/route.ts";
import { agentFilter } from "../state/filters.ts";
import { Status } from "./bits.tsx";
import { known } from "./ledger-sums.tsx";

/** Who started whom, and what each agent used, by itself and with those it started. */
export function AgentsView({ trace }: { readonly trace: Trace }): JSX.Element {
  const { agents, ledger } = trace.index;
  const edges = trace.index.edges.toSorted(
    (left, right) => left.started_at_unix_ms - right.started_at_unix_ms,
  );
  const byThread = new Map(ledger.agents.map((agent) => [agent.threadId, agent]));
  const hasCost = ledger.currency !== undefined;
  return (
    <section class="scroll pad wide" tabIndex={0} aria-label="Agents">
      <h2>Agents</h2>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">agent</th>
            <th scope="col">state</th>
            <th scope="col" class="num">
              requests
            </th>
            <th scope="col" class="num">
              input
            </th>
            <th scope="col" class="num">
              cached
            </th>
            <th scope="col" class="num">
              output
            </th>
            <th scope="col" class="num">
              tokens
            </th>
            <th scope="col" class="num">
              with children
            </th>
            {hasCost && (
              <th scope="col" class="num">
                cost ({ledger.currency})
              </th>
            )}
            <th scope="col" class="num">
              lasted
            </th>
          </tr>
        </thead>
        <tbody>
          {inTree(trace).map(({ agent, depth }) => {
            const facts = agents[agent];
            const sum = facts === undefined ? undefined : byThread.get(facts.threadId);
            if (facts === undefined || sum === undefined) return undefined;
            const first = trace.index.requests.findIndex((request) => request.agent === agent);
            const failed = trace.failedTurnsOf(agent);
            return (
              <tr key={facts.threadId}>
                <th scope="row" style={{ paddingLeft: `${8 + depth * 18}px` }}>
                  <span class={`dot agent-${agent % 8}`} aria-hidden="true" />{" "}
                  <button
                    class="link"
                    disabled={first < 0}
                    onClick={() => {
                      agentFilter.value = agent;
                      goTo(first);
                    }}
                  >
                    {facts.path}
                  </button>
                  {facts.nickname !== null && <span class="muted"> {facts.nickname}</span>}
                  {facts.origin.type === "spawned" && facts.origin.task_name !== "" && (
                    <span class="muted"> task {facts.origin.task_name}</span>
                  )}
                </th>
                <td>
                  {failed === undefined ? (
                    <Status status={facts.execution.status} />
                  ) : (
                    <span class="status bad">
                      <span aria-hidden="true">✕ </span>
                      {failed}
                    </span>
                  )}
                </td>
                <td class="num">{sum.requests}</td>
                <td class="num">{known(sum, ({ input }) => input)}</td>
                <td class="num">{known(sum, ({ cachedInput }) => cachedInput)}</td>
                <td class="num">{known(sum, ({ output }) => output)}</td>
                <td class="num">{known(sum, ({ total }) => total)}</td>
                <td class="num">{known(sum.withChildren, ({ total }) => total)}</td>
                {hasCost && (
                  <td class="num">{sum.costNano === undefined ? "–" : money(sum.costNano)}</td>
                )}
                <td class="num">{lasted(facts.execution) ?? "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h2>What they did to each other</h2>
      {edges.length === 0 ? (
        <p class="muted">Nothing: the recording has no messages between agents.</p>
      ) : (
        <ol class="edges">
          {edges.map((edge) => (
            <li key={edge.edge_id}>
              <strong>{edge.kind.replaceAll("_", " ")}</strong> from{" "}
              <Anchor trace={trace} anchor={edge.source} /> to{" "}
              <Anchor trace={trace} anchor={edge.target} />
              {edge.ended_at_unix_ms !== null &&
                edge.ended_at_unix_ms > edge.started_at_unix_ms && (
                  <span class="muted">
                    {" "}
                    after {duration(edge.ended_at_unix_ms - edge.started_at_unix_ms)}
                  </span>
                )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

type Edge = Trace["index"]["edges"][number];

function Anchor({
  trace,
  anchor,
}: {
  readonly trace: Trace;
  readonly anchor: Edge["source"];
}): JSX.Element {
  if (anchor.type === "thread") {
    const agent = trace.index.agents.find(({ threadId }) => threadId === anchor.thread_id);
    return <span>{agent?.path ?? anchor.thread_id}</span>;
  }
  if (anchor.type === "tool_call") {
    const tool = trace.index.tools.find(({ id }) => id === anchor.tool_call_id);
    if (tool === undefined || tool.request < 0)
      return <span>{tool?.name ?? anchor.tool_call_id}</span>;
    return (
      <button class="link" onClick={() => goTo(tool.request, { tab: "response" })}>
        {tool.name} of {trace.agentName(tool.agent)}, request {tool.request + 1}
      </button>
    );
  }
  const number = trace.index.items.findIndex(({ id }) => id === anchor.item_id);
  const request = trace.firstSeenIn(number);
  const agent = trace.agentName(trace.item(number)?.agent ?? -1);
  if (request === undefined) return <span>an item of {agent}</span>;
  return (
    <button class="link" onClick={() => goTo(request, { tab: "seen", item: number })}>
      an item of {agent}, request {request + 1}
    </button>
  );
}

/** Parents before their children; an agent whose parents go round in a circle stands for itself. */
function inTree({
  index: { agents },
}: Trace): readonly { readonly agent: number; readonly depth: number }[] {
  const rows: { agent: number; depth: number }[] = [];
  const taken = new Set<number>();
  const add = (agent: number, depth: number): void => {
    if (taken.has(agent)) return;
    taken.add(agent);
    rows.push({ agent, depth });
    for (const [child, { parent }] of agents.entries()) if (parent === agent) add(child, depth + 1);
  };
  for (const [agent, { parent }] of agents.entries()) if (parent === undefined) add(agent, 0);
  for (const agent of agents.keys()) add(agent, 0);
  return rows;
}
