import type { ModelInfo } from "@codex-ts/protocol";
import type { Agent } from "../../agents/agent.ts";
import type { AgentTree } from "../../agents/agent-tree.ts";
import { foundBySearch } from "../search/tool-search.ts";
import type { Tool } from "../tool.ts";
import { interruptAgentTool } from "./interrupt-agent.ts";
import { listAgentsTool } from "./list-agents.ts";
import { followupTaskTool, sendMessageTool } from "./message-agent.ts";
import { spawnAgentTool } from "./spawn-agent.ts";
import { closeAgentTool } from "./v1/close-agent.ts";
import { resumeAgentTool } from "./v1/resume-agent.ts";
import { sendInputTool } from "./v1/send-input.ts";
import { spawnAgentByIdTool } from "./v1/spawn-agent.ts";
import { waitForAgentsTool } from "./v1/wait-agent.ts";
import { waitAgentTool } from "./wait-agent.ts";

/** An agent, and the others it may call. */
export interface AgentToolSettings {
  readonly tree: AgentTree;
  /** The agent the tools are of. */
  readonly self: Agent;
}

const DESCRIPTION = "Start other agents and work with them.";

/**
 * The tools of an agent that may start others, in the order requests list them. A model that can search for tools is to
 * search for those that call agents by id.
 */
export function agentTools(
  settings: AgentToolSettings,
  model: Pick<ModelInfo, "supports_search_tool">,
): readonly Tool[] {
  const { version, form } = settings.tree;
  if (version === "v1") {
    const tools = inNamespace("multi_agent_v1", [
      closeAgentTool(settings),
      resumeAgentTool(settings),
      sendInputTool(settings),
      spawnAgentByIdTool(settings),
      waitForAgentsTool(settings),
    ]);
    return model.supports_search_tool ? foundBySearch(tools) : tools;
  }
  const tools = [
    spawnAgentTool(settings),
    sendMessageTool(settings),
    followupTaskTool(settings),
    waitAgentTool(settings),
    interruptAgentTool(settings),
    listAgentsTool(settings),
  ].map((tool): Tool => ({ ...tool, isForModelOnly: true }));
  if (form.namespace === undefined) return tools;
  return inNamespace(
    form.namespace,
    tools.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  );
}

function inNamespace(name: string, tools: readonly Tool[]): readonly Tool[] {
  return tools.map((tool) => ({
    ...tool,
    namespace: { name, description: DESCRIPTION },
  }));
}
