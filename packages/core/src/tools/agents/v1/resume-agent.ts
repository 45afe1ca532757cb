import { ArgumentReader } from "../../arguments.ts";
import { functionSpec, text } from "../../function-spec.ts";
import type { Tool, ToolCall, ToolOutput } from "../../tool.ts";
import { jsonOutput, orRefuse } from "../agent-call.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";
import { findAgent, notFound, readAgentId } from "./agent-by-id.ts";

/** The tool `resume_agent` of the first generation: opens an agent again that was closed. */
export function resumeAgentTool(settings: AgentToolSettings): Tool {
  return {
    name: "resume_agent",
    kind: "function",
    spec: functionSpec(
      "resume_agent",
      "Open an agent again that was closed, so that it takes input again.",
      { id: text("Id of the agent.") },
      ["id"],
    ),
    parallel: false,
    run: async (call) => resume(settings, call),
  };
}

function resume(settings: AgentToolSettings, call: ToolCall): ToolOutput {
  const { tree, self } = settings;
  const id = readAgentId(new ArgumentReader(call.input).requiredString("id"));
  const agent = findAgent(settings, id) ?? orRefuse(() => tree.reopen(self, id));
  if (agent === undefined) throw notFound(id);
  return jsonOutput({ status: agent.status });
}
