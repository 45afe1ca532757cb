import type { RawTraceEventPayload } from "../format/raw-event.ts";

/** Events that end something and never name a payload file. */
const PLAIN_ENDS: ReadonlySet<RawTraceEventPayload["type"]> = new Set([
  "rollout_ended",
  "thread_ended",
  "codex_turn_ended",
  "compaction_request_failed",
] as const);

/**
 * Whether an event only ends something that began earlier and names no payload file. These are what a recording that
 * lost a payload still appends, so that what is there has an honest end. `recording_completed` is not one of them: a
 * recording with holes is not complete.
 */
export function isClosingEvent(payload: RawTraceEventPayload): boolean {
  if (PLAIN_ENDS.has(payload.type)) return true;
  if (payload.type === "inference_failed" || payload.type === "inference_cancelled") {
    return payload.partial_response_payload === null;
  }
  if (payload.type === "tool_call_ended") return payload.result_payload === null;
  return payload.type === "code_cell_ended" && payload.response_payload === null;
}
