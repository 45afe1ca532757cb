import { nameProblem } from "../../agents/agent-path.ts";
import type { AgentTree } from "../../agents/agent-tree.ts";
import type { Agent, ForkedTurns } from "../../agents/agent.ts";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { EMPTY_MESSAGE, jsonOutput, orRefuse } from "./agent-call.ts";
import { MODEL_MEMBERS, secretText } from "./agent-specs.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";
import { chosenModel } from "./chosen-model.ts";

const MEMBERS = [
  "task_name",
  "message",
  "fork_turns",
  "agent_type",
  "model",
  "reasoning_effort",
  "service_tier",
  "fork_context",
];

/** The tool `spawn_agent`: starts an agent with a name and a task. */
export function spawnAgentTool(settings: AgentToolSettings): Tool {
  const { form } = settings.tree;
  return {
    name: "spawn_agent",
    kind: "function",
    spec: functionSpec(
      "spawn_agent",
      "Start an agent with a task of its own. It works beside you, takes messages, and its final answer reaches you as a message. Give it a task that is clear without you and does not need the files you are changing.",
      {
        fork_turns: text(
          form.forks === "whole"
            ? "How much of your conversation the agent begins with: `all` or `none`. Default `all`."
            : "How much of your conversation the agent begins with: `all`, `none`, or how many of the last turns, e.g. `3`. Default `all`.",
        ),
        message: secretText("The task."),
        ...(form.spawnNamesModel && MODEL_MEMBERS),
        task_name: text("Name of the agent: lowercase letters, digits and underscores."),
      },
      ["task_name", "message"],
    ),
    parallel: false,
    run: async (call) => spawnAgent(settings, call),
  };
}

function spawnAgent({ tree, self }: AgentToolSettings, call: ToolCall): ToolOutput {
  const args = new ArgumentReader(call.input);
  args.allowOnly(MEMBERS);
  const name = args.requiredString("task_name");
  const message = args.requiredString("message");
  if (args.boolean("fork_context") !== undefined) {
    throw new ToolError("fork_context is not supported in MultiAgentV2; use fork_turns instead");
  }
  const fork = forkOf(args.string("fork_turns"), tree);
  if (message.trim() === "") throw new ToolError(EMPTY_MESSAGE);
  const role = args.string("agent_type");
  if (role !== undefined && role !== "default") throw new ToolError(`unknown agent_type '${role}'`);
  const chosen = chosenModel({ tree, self }, args);
  const problem = nameProblem(name);
  if (problem !== undefined) throw new ToolError(problem);
  const path = `${self.name}/${name}`;
  if (tree.byPath(path) !== undefined) throw new ToolError(`agent path \`${path}\` already exists`);
  const agent = orRefuse(() => tree.spawn(self, { path, role: null, fork, ...chosen }));
  tree.assign(self, agent, message);
  reportActivity(call, agent, { kind: "started", namesModel: tree.form.activitiesNameModel });
  return jsonOutput({ task_name: path });
}

function forkOf(value: string | undefined, { form }: AgentTree): ForkedTurns {
  const turns = value?.trim().toLowerCase() ?? "all";
  if (turns === "none" || turns === "all") return turns;
  if (/^[1-9][0-9]{0,8}$/.test(turns)) return Number(turns);
  throw new ToolError(
    form.forks === "whole"
      ? "fork_turns must be `none` or `all`"
      : "fork_turns must be `none`, `all`, or a positive integer string",
  );
}

/** Emits that one agent did something to another. */
export function reportActivity(
  call: ToolCall,
  { facts, thread }: Agent,
  activity: {
    readonly kind: "started" | "interacted" | "interrupted";
    readonly namesModel: boolean;
  },
): void {
  const { kind, namesModel } = activity;
  const isStart = kind === "started";
  call.report.emit({
    type: "sub_agent_activity",
    ...(namesModel && {
      model: isStart ? thread.model.slug : null,
      reasoning_effort: isStart ? (thread.reasoningEffort ?? null) : null,
    }),
    event_id: call.callId,
    occurred_at_ms: call.now(),
    agent_thread_id: facts.threadId,
    agent_path: facts.path ?? "/root",
    kind,
  });
}
