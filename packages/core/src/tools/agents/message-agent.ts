import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { EMPTY_MESSAGE, orRefuse, targetOf } from "./agent-call.ts";
import { secretText } from "./agent-specs.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";
import { reportActivity } from "./spawn-agent.ts";

/** The tool `send_message`: sends an agent a message, which it reads when it next asks the model. */
export function sendMessageTool(settings: AgentToolSettings): Tool {
  return {
    name: "send_message",
    kind: "function",
    spec: functionSpec(
      "send_message",
      "Tell an agent something. A running agent reads it soon; an idle one reads it with its next task, which this does not give it.",
      {
        message: secretText("The text."),
        target: text("Name or path of the agent."),
      },
      ["target", "message"],
    ),
    parallel: false,
    run: async (call) => send(settings, call, { isTask: false }),
  };
}

/** The tool `followup_task`: sends an agent another task; an idle one begins a turn. */
export function followupTaskTool(settings: AgentToolSettings): Tool {
  return {
    name: "followup_task",
    kind: "function",
    spec: functionSpec(
      "followup_task",
      "Send an agent another task. An idle agent begins at once; a running one reads it as soon as it can.",
      {
        message: secretText("The task."),
        target: text("Name or path of the agent; not `/root`."),
      },
      ["target", "message"],
    ),
    parallel: false,
    run: async (call) => send(settings, call, { isTask: true }),
  };
}

function send(
  settings: AgentToolSettings,
  call: ToolCall,
  { isTask }: { readonly isTask: boolean },
): ToolOutput {
  const { tree, self } = settings;
  const args = new ArgumentReader(call.input);
  args.allowOnly(["target", "message"]);
  const target = args.requiredString("target");
  const message = args.requiredString("message");
  if (message.trim() === "") throw new ToolError(EMPTY_MESSAGE);
  const agent = targetOf(settings, target);
  if (isTask && agent === tree.root) {
    throw new ToolError("Follow-up tasks can't target the root agent");
  }
  orRefuse(() => tree.send(self, agent, message, { isTask }));
  reportActivity(call, agent, { kind: "interacted", namesModel: tree.form.activitiesNameModel });
  return { output: "" };
}
