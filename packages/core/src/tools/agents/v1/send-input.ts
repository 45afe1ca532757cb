import { causeOf } from "../../../agents/agent-tree.ts";
import { ArgumentReader } from "../../arguments.ts";
import { functionSpec, text } from "../../function-spec.ts";
import type { Tool, ToolCall, ToolOutput } from "../../tool.ts";
import { jsonOutput, whileRunning } from "../agent-call.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";
import { callFacts, findAgent, nicknameMember, notFound, readAgentId } from "./agent-by-id.ts";
import { inputMembers, readAgentInput } from "./agent-input.ts";

/** The tool `send_input` of the first generation: sends an agent more to do. */
export function sendInputTool(settings: AgentToolSettings): Tool {
  return {
    name: "send_input",
    kind: "function",
    spec: functionSpec(
      "send_input",
      "Tell an agent what to do next. One that is busy reads it as soon as it can.",
      {
        interrupt: {
          type: "boolean",
          description: "Stop first what the agent is doing. Default false.",
        },
        ...inputMembers("The text.", settings.tree.form),
        target: text("Id of the agent."),
      },
      ["target"],
    ),
    parallel: false,
    run: (call) => sendInput(settings, call),
  };
}

async function sendInput(settings: AgentToolSettings, call: ToolCall): Promise<ToolOutput> {
  const { self } = settings;
  const args = new ArgumentReader(call.input);
  const id = readAgentId(args.requiredString("target"));
  const { input, prompt } = readAgentInput(args);
  const agent = findAgent(settings, id);
  const itemId = call.report.nextItemId();
  const facts = { ...callFacts(call), receiver_thread_id: id, prompt };
  call.report.emit(
    { type: "collab_agent_interaction_begin", ...facts, started_at_ms: call.now() },
    { itemId },
  );
  const status = agent?.status ?? "not_found";
  try {
    if (agent === undefined) throw notFound(id);
    if (args.boolean("interrupt") === true) await whileRunning(agent.interrupt(), call.signal);
    call.signal.throwIfAborted();
    return jsonOutput({ submission_id: agent.submit(input, causeOf(self)) });
  } finally {
    call.report.emit(
      {
        type: "collab_agent_interaction_end",
        ...facts,
        completed_at_ms: call.now(),
        ...nicknameMember("receiver_agent_nickname", agent),
        status,
      },
      { itemId },
    );
  }
}
