import { isWithin, resolveAgentPath } from "../../agents/agent-path.ts";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { jsonOutput } from "./agent-call.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";

/** The tool `list_agents`: who is there, and how they are doing. */
export function listAgentsTool(settings: AgentToolSettings): Tool {
  return {
    name: "list_agents",
    kind: "function",
    spec: functionSpec("list_agents", "List the agents of this session and how they are doing.", {
      path_prefix: text("Path of an agent: only it and those below it. Default: all."),
    }),
    parallel: false,
    run: async (call) => list(settings, call),
  };
}

function list({ tree, self }: AgentToolSettings, call: ToolCall): ToolOutput {
  const args = new ArgumentReader(call.input);
  args.allowOnly(["path_prefix"]);
  const prefix = args.string("path_prefix");
  const resolved = prefix === undefined ? undefined : resolveAgentPath(prefix, self.name);
  if (resolved !== undefined && "problem" in resolved) throw new ToolError(resolved.problem);
  const agents = tree.withPath
    .filter(({ facts }) => resolved === undefined || isWithin(facts.path, resolved.path))
    .map((agent) => ({
      agent_name: agent.facts.path,
      agent_status: agent.status,
      ...(tree.form.listsTasks && {
        last_task_message: agent === tree.root ? "Main thread" : agent.lastTask,
      }),
    }));
  return jsonOutput({ agents });
}
