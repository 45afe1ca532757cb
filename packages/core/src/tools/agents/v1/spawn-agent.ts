import { causeOf } from "../../../agents/agent-tree.ts";
import { ArgumentReader } from "../../arguments.ts";
import { functionSpec, text } from "../../function-spec.ts";
import { ToolError } from "../../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../../tool.ts";
import { jsonOutput, orRefuse } from "../agent-call.ts";
import { MODEL_MEMBERS } from "../agent-specs.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";
import { chosenModel } from "../chosen-model.ts";
import { callFacts, nicknameMember } from "./agent-by-id.ts";
import { inputMembers, readAgentInput } from "./agent-input.ts";

/** Types of agents Codex knows. Here they are labels. */
const ROLES: ReadonlySet<string> = new Set(["default", "explorer", "worker"]);

/** Effort in events where none was chosen. */
const UNCHOSEN_EFFORT = "medium";

/** The tool `spawn_agent` of the first generation: starts an agent that is called by its id. */
export function spawnAgentByIdTool(settings: AgentToolSettings): Tool {
  const { form } = settings.tree;
  return {
    name: "spawn_agent",
    kind: "function",
    spec: functionSpec(
      "spawn_agent",
      "Start an agent with a task of its own and return its id. It works beside you. Give it a task that is clear without you and does not need the files you are changing.",
      {
        ...(form.hasRoles && {
          agent_type: text("`default`, `explorer` or `worker`: a label. Default `default`."),
        }),
        fork_context: {
          type: "boolean",
          description: "Whether the agent begins with your conversation. Default false.",
        },
        ...inputMembers("The task.", form),
        ...MODEL_MEMBERS,
        ...(form.hasRoles && { service_tier: text("Not supported here: yours is used.") }),
      },
    ),
    parallel: false,
    run: async (call) => spawn(settings, call),
  };
}

function spawn(settings: AgentToolSettings, call: ToolCall): ToolOutput {
  const { tree, self } = settings;
  const args = new ArgumentReader(call.input);
  const { input, prompt } = readAgentInput(args);
  const type = args.string("agent_type");
  if (type !== undefined && !ROLES.has(type)) throw new ToolError(`unknown agent_type '${type}'`);
  const itemId = call.report.nextItemId();
  const facts = { ...callFacts(call), prompt };
  const chosen = chosenModel(settings, args);
  call.report.emit(
    {
      type: "collab_agent_spawn_begin",
      ...facts,
      started_at_ms: call.now(),
      model: args.string("model") ?? "",
      reasoning_effort: args.string("reasoning_effort") ?? UNCHOSEN_EFFORT,
    },
    { itemId },
  );
  const ended = {
    type: "collab_agent_spawn_end" as const,
    ...facts,
    model: self.thread.model.slug,
    reasoning_effort: self.thread.reasoningEffort ?? UNCHOSEN_EFFORT,
  };
  try {
    const agent = orRefuse(() =>
      tree.spawn(self, {
        path: null,
        role: type === "default" ? null : (type ?? null),
        fork: args.boolean("fork_context") === true ? "all" : "none",
        ...chosen,
      }),
    );
    agent.submit(input, causeOf(self));
    const { threadId, nickname } = agent.facts;
    call.report.emit(
      {
        ...ended,
        completed_at_ms: call.now(),
        model: agent.thread.model.slug,
        reasoning_effort: agent.thread.reasoningEffort ?? UNCHOSEN_EFFORT,
        new_thread_id: threadId,
        ...nicknameMember("new_agent_nickname", agent),
        status: "pending_init",
      },
      { itemId },
    );
    return jsonOutput({ agent_id: threadId, nickname });
  } catch (error) {
    call.report.emit(
      { ...ended, completed_at_ms: call.now(), new_thread_id: null, status: "not_found" },
      { itemId },
    );
    throw error;
  }
}
