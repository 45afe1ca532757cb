import type { AgentStatus } from "@codex-ts/protocol";
import type { Agent } from "../../../agents/agent.ts";
import { isFinal } from "../../../agents/agent-status.ts";
import { MAX_WAIT_MS } from "../../../agents/subagent-options.ts";
import { ArgumentReader } from "../../arguments.ts";
import { functionSpec } from "../../function-spec.ts";
import { ToolError } from "../../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../../tool.ts";
import { jsonOutput } from "../agent-call.ts";
import { timeout } from "../agent-specs.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";
import { settled } from "../settled.ts";
import { DEFAULT_MIN_WAIT_MS } from "../wait-agent.ts";
import { callFacts, findAgent, nicknameMember, readAgentId } from "./agent-by-id.ts";

const DEFAULT_WAIT_MS = 30_000;

/** The tool `wait_agent` of the first generation: waits for the first of some agents to be done. */
export function waitForAgentsTool(settings: AgentToolSettings): Tool {
  const { minWaitMs = DEFAULT_MIN_WAIT_MS } = settings.tree.settings;
  return {
    name: "wait_agent",
    kind: "function",
    spec: functionSpec(
      "wait_agent",
      "Wait until one of some agents is done and return how it went. An empty status means that none was in time.",
      {
        targets: {
          type: "array",
          description: "Ids of the agents.",
          items: { type: "string" },
        },
        timeout_ms: timeout(minWaitMs, MAX_WAIT_MS),
      },
      ["targets"],
    ),
    parallel: false,
    run: (call) => wait(settings, call),
  };
}

async function wait(settings: AgentToolSettings, call: ToolCall): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const targets = args.strings("targets") ?? [];
  if (targets.length === 0) throw new ToolError("agent ids must be non-empty");
  const ids = [...new Set(targets.map(readAgentId))];
  const { minWaitMs = DEFAULT_MIN_WAIT_MS } = settings.tree.settings;
  const asked = args.signedNumber("timeout_ms") ?? DEFAULT_WAIT_MS;
  if (asked <= 0) throw new ToolError("timeout_ms must be greater than zero");
  const ms = Math.min(Math.max(asked, minWaitMs), MAX_WAIT_MS);
  const agents = ids.map((id) => ({ id, agent: findAgent(settings, id) }));
  const itemId = call.report.nextItemId();
  call.report.emit(
    {
      type: "collab_waiting_begin",
      started_at_ms: call.now(),
      ...callFacts(call),
      receiver_thread_ids: ids,
      receiver_agents: agents.map(({ id, agent }) => ({
        thread_id: id,
        ...nicknameMember("agent_nickname", agent),
      })),
    },
    { itemId },
  );
  let done: readonly (readonly [id: string, status: AgentStatus])[] = [];
  try {
    await settled<true>({
      ms,
      signal: call.signal,
      begin: (end) => {
        const look = (): void => {
          if (doneOf(agents).length > 0) end(true);
        };
        const ends = agents.map(({ agent }) => agent?.onStatus(look));
        look();
        return () => ends.forEach((stop) => stop?.());
      },
    });
  } finally {
    done = doneOf(agents);
    call.report.emit(
      {
        type: "collab_waiting_end",
        ...callFacts(call),
        completed_at_ms: call.now(),
        agent_statuses: done.map(([id, status]) => ({
          thread_id: id,
          ...nicknameMember("agent_nickname", agents.find((agent) => agent.id === id)?.agent),
          status,
        })),
        statuses: Object.fromEntries(done),
      },
      { itemId },
    );
  }
  return jsonOutput({ status: Object.fromEntries(done), timed_out: done.length === 0 });
}

/** Those that are done, with how it went; one that is not there is done. */
function doneOf(
  agents: readonly { readonly id: string; readonly agent: Agent | undefined }[],
): readonly (readonly [id: string, status: AgentStatus])[] {
  return agents
    .map(({ id, agent }) => [id, agent?.status ?? "not_found"] as const)
    .filter(([, status]) => isFinal(status));
}
