import type { JsonObject, SubAgentActivityEvent } from "@codex-ts/protocol";
import type { ToolCallKind } from "../format/raw-event.ts";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder, RecordedTool } from "./bundle-recorder.ts";
import { asJson, toRuntimeStep, type ToolRuntimeEvent } from "./runtime-event.ts";
import { hasMember } from "../schema/schema-rules.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";

/** Which activity belongs to which tool; any other pair ends a reduction. */
const ACTIVITY_OF_KIND: Readonly<Partial<Record<ToolCallKind["type"], string>>> = {
  spawn_agent: "started",
  assign_agent_task: "interacted",
  send_message: "interacted",
  close_agent: "interrupted",
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Members of agent events that the reducer parses as UUIDs. */
const UUID_MEMBERS = [
  "sender_thread_id",
  "receiver_thread_id",
  "new_thread_id",
  "agent_thread_id",
] as const;

/** Members of an exec end that `aggregated_output` stands for. */
const SPLIT_OUTPUTS: ReadonlySet<string> = new Set(["stdout", "stderr", "formatted_output"]);

/** Records one runtime event of a tool call whose start is in the log; anything else is dropped. */
export function recordRuntimeEvent(
  bundle: BundleRecorder,
  context: TraceEventContext,
  event: ToolRuntimeEvent,
): void {
  const callId = event.type === "sub_agent_activity" ? event.event_id : event.call_id;
  const tool = bundle.tools.get(callId);
  if (tool === undefined || !bundle.knowsTurn(context)) return;
  if (!isRecorded(event, bundle.rules) || !isReducible(event, tool)) return;
  const step = toRuntimeStep(event, tool.kind);
  if (step === undefined || (step.phase === "started" && !tool.canStartRuntime)) return;
  const payload = bundle.writePayload("tool_runtime_event", toBody(bundle, context, event));
  if (payload === undefined) return;
  if (step.phase === "ended") {
    bundle.append(
      {
        type: "tool_call_runtime_ended",
        tool_call_id: callId,
        status: step.status,
        runtime_payload: payload,
      },
      context,
    );
    return;
  }
  const isKindWritten = hasMember(bundle.rules, "tool_call_runtime_started", "kind");
  const isWritten = bundle.append(
    {
      type: "tool_call_runtime_started",
      tool_call_id: callId,
      ...(isKindWritten && { kind: step.kind }),
      runtime_payload: payload,
    },
    context,
  );
  if (!isWritten) return;
  tool.canStartRuntime = false;
  // The runtime knows better than the name of the tool.
  if (isKindWritten) tool.kind = step.kind;
}

function isRecorded(event: ToolRuntimeEvent, { tools }: SchemaRules): boolean {
  // A user's own shell command is no tool call.
  return !tools.ignoredRuntimeEvents.has(event.type) && asJson(event)["source"] !== "user_shell";
}

function isReducible(event: ToolRuntimeEvent, tool: RecordedTool): boolean {
  if (event.type === "sub_agent_activity" && !isMatchingActivity(event, tool)) return false;
  const members = asJson(event);
  return UUID_MEMBERS.every((name) => {
    const value = members[name];
    return value === undefined || value === null || (typeof value === "string" && UUID.test(value));
  });
}

function isMatchingActivity(event: SubAgentActivityEvent, tool: RecordedTool): boolean {
  if (ACTIVITY_OF_KIND[tool.kind.type] !== event.kind) return false;
  return tool.kind.type === "close_agent" || tool.hasAgentMessage;
}

/** The event without its `type`, with the members its schema has. */
function toBody(
  bundle: BundleRecorder,
  { threadId }: TraceEventContext,
  event: ToolRuntimeEvent,
): JsonObject {
  if (event.type === "mcp_tool_call_end") return { result: asJson(event)["result"] };
  const { type, ...body } = asJson(event);
  const { sessionsAreProcesses, output } = bundle.rules.terminals;
  const own = sessionsAreProcesses ? withOwnProcessOnly(bundle, threadId, body) : body;
  if (type !== "exec_command_end" || output === "split") return own;
  return Object.fromEntries(Object.entries(own).filter(([name]) => !SPLIT_OUTPUTS.has(name)));
}

function withOwnProcessOnly(
  bundle: BundleRecorder,
  threadId: string,
  body: JsonObject,
): JsonObject {
  const processId = body["process_id"];
  if (typeof processId !== "string" || bundle.ownsProcess(threadId, processId)) return body;
  return { ...body, process_id: null };
}
