import type { RawTraceEventPayload } from "../format/raw-event.ts";

/**
 * Whether an event only ends something that began earlier and names no payload file. These are what a recording that
 * lost a payload still appends, so that what is there has an honest end. `recording_completed` is not one of them: a
 * recording with holes is not complete.
 */
export function isClosingEvent(payload: RawTraceEventPayload): boolean {
  switch (payload.type) {
    case "rollout_ended":
    case "thread_ended":
    case "codex_turn_ended":
    case "compaction_request_failed":
      return true;
    case "inference_failed":
    case "inference_cancelled":
      return payload.partial_response_payload === null;
    case "tool_call_ended":
      return payload.result_payload === null;
    case "code_cell_ended":
      return payload.response_payload === null;
    case "rollout_started":
    case "recording_completed":
    case "thread_started":
    case "thread_resumed":
    case "codex_turn_started":
    case "history_item_accepted":
    case "inference_started":
    case "inference_completed":
    case "tool_call_started":
    case "mcp_tool_call_correlation_assigned":
    case "stdin_target_resolved":
    case "tool_call_runtime_started":
    case "tool_call_runtime_ended":
    case "code_cell_started":
    case "code_cell_wait_target_resolved":
    case "code_cell_initial_response":
    case "compaction_request_started":
    case "compaction_request_completed":
    case "compaction_installed":
    case "agent_result_observed":
    case "protocol_event_observed":
    case "other":
      return false;
  }
  return payload satisfies never;
}
