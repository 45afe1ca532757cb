import type { EventMsg, JsonObject, OtherEvent } from "@codex-ts/protocol";

/** A session event of a known kind. Members are recorded as they are, in their order. */
export type TraceProtocolEvent = Exclude<EventMsg, OtherEvent>;

type EventType = TraceProtocolEvent["type"];

/** Names that the trace has for two events; the payload keeps the wire's. Both names are accepted. */
const TRACE_NAMES: { readonly [type in EventType]?: string } = {
  task_started: "turn_started",
  task_complete: "turn_complete",
};

const WIRE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(TRACE_NAMES).map(([wire, trace]) => [trace, wire]),
);

/** Which events are worth a record; deltas and items are in the inference payloads. */
const IS_RECORDED: { readonly [type in EventType]: boolean } = {
  session_configured: true,
  task_started: true,
  task_complete: true,
  turn_aborted: true,
  token_count: false,
  model_reroute: false,
  model_verification: false,
  turn_moderation_metadata: false,
  warning: true,
  error: true,
  stream_error: false,
  context_compacted: false,
  thread_rolled_back: true,
  shutdown_complete: true,
  user_message: false,
  agent_message: false,
  agent_reasoning: false,
  agent_reasoning_raw_content: false,
  agent_reasoning_section_break: false,
  agent_message_content_delta: false,
  plan_delta: false,
  reasoning_content_delta: false,
  reasoning_raw_content_delta: false,
  raw_response_item: false,
  item_started: false,
  item_completed: false,
  web_search_begin: false,
  web_search_end: false,
  image_generation_end: false,
  mcp_tool_call_begin: false,
  mcp_tool_call_end: false,
  patch_apply_begin: false,
  apply_patch_approval_request: false,
  patch_apply_updated: false,
  patch_apply_end: false,
  turn_diff: false,
  plan_update: false,
  sub_agent_activity: false,
  exec_command_begin: false,
  exec_command_end: false,
  exec_command_output_delta: false,
  terminal_interaction: false,
  exec_approval_request: false,
};

/** Name and body of the record of an event; `undefined` for events that are not recorded. */
export function toProtocolRecord(
  event: TraceProtocolEvent,
): { readonly eventType: string; readonly body: JsonObject } | undefined {
  const type = WIRE_NAMES.get(event.type) ?? event.type;
  if (!isRecorded(type)) return undefined;
  return {
    eventType: TRACE_NAMES[type] ?? type,
    body: { ...(event as unknown as JsonObject), type },
  };
}

function isRecorded(type: string): type is EventType {
  return Object.hasOwn(IS_RECORDED, type) && IS_RECORDED[type as EventType];
}
