import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { ITEM_METADATA_MEMBER, identifiedItemId } from "../history/item-identity.ts";
import type { StoredItem } from "../history/item-identity.ts";
import type { ThreadEvent } from "./thread-event.ts";

/** Records what a trace keeps of a thread's events. Requests and tool dispatches record themselves. */
export function recordInTrace(trace: ThreadTrace, event: ThreadEvent): void {
  switch (event.type) {
    // The most frequent first. The response and the end of the command repeat them.
    case "agent_message_content_delta":
    case "reasoning_content_delta":
    case "reasoning_raw_content_delta":
    case "exec_command_output_delta":
      return;
    case "session_configured":
    case "warning":
    case "error":
    case "shutdown_complete":
      return trace.recordProtocolEvent(event.msg);
    case "task_started":
      trace.recordTurnStarted({ turnId: event.msg.turn_id });
      return trace.recordProtocolEvent(event.msg);
    case "task_complete": {
      const status = event.facts.failure === undefined ? "completed" : "failed";
      trace.recordTurnEnded({ turnId: event.msg.turn_id, status });
      return trace.recordProtocolEvent(event.msg);
    }
    case "turn_aborted":
      if (event.msg.turn_id !== null) {
        trace.recordTurnEnded({ turnId: event.msg.turn_id, status: "cancelled" });
      }
      return trace.recordProtocolEvent(event.msg);
    case "raw_response_item":
      return recordItem(trace, event);
    case "exec_command_begin":
    case "patch_apply_begin":
    case "patch_apply_end":
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "sub_agent_activity":
    case "collab_agent_spawn_begin":
    case "collab_agent_spawn_end":
    case "collab_agent_interaction_begin":
    case "collab_agent_interaction_end":
    case "collab_waiting_begin":
    case "collab_waiting_end":
    case "collab_close_begin":
    case "collab_close_end":
      if (event.turnId === undefined) return;
      return trace.recordToolCallEvent({ turnId: event.turnId, event: event.msg });
    case "agent_result": {
      const { msg } = event;
      return trace.recordAgentResult({
        childTurnId: msg.child_turn_id,
        parentThreadId: msg.parent_thread_id,
        childAgentPath: msg.child_agent_path,
        message: msg.message,
        status: msg.status,
      });
    }
    case "exec_command_end":
      // A declined command never ran; the result of its dispatch says so.
      if (event.msg.status === "declined") return;
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "terminal_interaction":
      if (event.turnId === undefined) return;
      return trace.recordStdinTargetResolved({
        turnId: event.turnId,
        toolCallId: event.facts.toolCallId,
        execToolCallId: event.msg.call_id,
      });
    // Responses hold the items and usage of these, dispatches the calls, compactions record themselves; the rest is for
    // clients and session files only.
    case "item_started":
    case "item_completed":
    case "token_count":
    case "stream_error":
    case "inference_started":
    case "inference_finished":
    case "context_recorded":
    case "compaction_started":
    case "compaction_installed":
      return;
    default:
      return event satisfies never;
  }
}

function recordItem(
  trace: ThreadTrace,
  { turnId, msg, facts }: Extract<ThreadEvent, { readonly type: "raw_response_item" }>,
): void {
  const { stored, isOfResponse, toolCallId } = facts;
  if (turnId === undefined || stored === undefined) return;
  const wireItemId = identifiedItemId(stored);
  // The trace knows items of a response by identity, and history may keep a copy.
  const item = isOfResponse ? msg.item : stored;
  const metadata = (stored as StoredItem)[ITEM_METADATA_MEMBER];
  const furtherMembers = metadata && { [ITEM_METADATA_MEMBER]: metadata };
  trace.recordHistoryItemAccepted({ turnId, item, wireItemId, toolCallId, furtherMembers });
}
