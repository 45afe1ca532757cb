import type { RawTraceEventPayload } from "../raw-event.ts";

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
    default:
      return false;
  }
}
