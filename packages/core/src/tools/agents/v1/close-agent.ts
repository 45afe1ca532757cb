import { ArgumentReader } from "../../arguments.ts";
import { functionSpec, text } from "../../function-spec.ts";
import type { Tool, ToolCall, ToolOutput } from "../../tool.ts";
import { jsonOutput, whileRunning } from "../agent-call.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";
import { callFacts, findAgent, nicknameMember, notFound, readAgentId } from "./agent-by-id.ts";

/** The tool `close_agent` of the first generation: ends an agent and those below it. */
export function closeAgentTool(settings: AgentToolSettings): Tool {
  return {
    name: "close_agent",
    kind: "function",
    spec: functionSpec(
      "close_agent",
      "End an agent, and those it has started, and return how it was doing. Agents that are done count until they are closed.",
      { target: text("Id of the agent.") },
      ["target"],
    ),
    parallel: false,
    run: (call) => close(settings, call),
  };
}

async function close(settings: AgentToolSettings, call: ToolCall): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const id = readAgentId(args.requiredString("target"));
  const agent = findAgent(settings, id);
  const itemId = call.report.nextItemId();
  const facts = { ...callFacts(call), receiver_thread_id: id };
  call.report.emit({ type: "collab_close_begin", ...facts, started_at_ms: call.now() }, { itemId });
  const status = agent?.status ?? "not_found";
  try {
    if (agent === undefined) throw notFound(id);
    await whileRunning(settings.tree.close(agent), call.signal);
    return jsonOutput({ previous_status: status });
  } finally {
    call.report.emit(
      {
        type: "collab_close_end",
        ...facts,
        completed_at_ms: call.now(),
        ...nicknameMember("receiver_agent_nickname", agent),
        status,
      },
      { itemId },
    );
  }
}
