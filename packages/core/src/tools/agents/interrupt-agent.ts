import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { jsonOutput, targetOf, whileRunning } from "./agent-call.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";
import { reportActivity } from "./spawn-agent.ts";

/** The tool `interrupt_agent`: stops what an agent and those below it do. */
export function interruptAgentTool(settings: AgentToolSettings): Tool {
  return {
    name: "interrupt_agent",
    kind: "function",
    spec: functionSpec(
      "interrupt_agent",
      "Stop what an agent is doing and return how it was doing. It can be given another task afterwards.",
      { target: text("Name or path of the agent.") },
      ["target"],
    ),
    parallel: false,
    run: (call) => interrupt(settings, call),
  };
}

async function interrupt(settings: AgentToolSettings, call: ToolCall): Promise<ToolOutput> {
  const { tree } = settings;
  const args = new ArgumentReader(call.input);
  args.allowOnly(["target"]);
  const agent = targetOf(settings, args.requiredString("target"));
  if (agent === tree.root) throw new ToolError("root is not a spawned agent");
  const { status } = agent;
  await whileRunning(agent.interrupt(), call.signal);
  reportActivity(call, agent, { kind: "interrupted", namesModel: tree.form.activitiesNameModel });
  return jsonOutput({ previous_status: status });
}
