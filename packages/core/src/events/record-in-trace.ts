import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { ITEM_METADATA_MEMBER, identifiedItemId } from "../history/item-identity.ts";
import type { StoredItem } from "../history/item-identity.ts";
import type { ThreadEvent } from "./thread-event.ts";

/** Records what a trace keeps of a thread's events. Requests and tool dispatches record themselves. */
export function recordInTrace(
  trace: ThreadTrace,
  event: ThreadEvent,
  { failedTurns }: Pick<CompatibilityProfile, "failedTurns">,
): void {
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
    case "review_entered":
      return trace.recordTurnStarted({ turnId: event.msg.turn_id });
    case "task_complete": {
      const status = event.facts.failure === undefined ? "completed" : failedTurns;
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
      // Commands of the user are no calls of a tool.
      if (event.msg.source === "user_shell") return;
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "patch_apply_begin":
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "patch_apply_end":
      if (event.msg.status === "declined") return;
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "mcp_tool_call_begin":
    case "mcp_tool_call_end":
      if (event.turnId === undefined) return;
      return trace.recordToolCallEvent({ turnId: event.turnId, event: event.msg });
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
      if (event.msg.status === "declined" || event.msg.source === "user_shell") return;
      return trace.recordToolCallEvent({ turnId: event.msg.turn_id, event: event.msg });
    case "terminal_interaction":
      if (event.turnId === undefined) return;
      return trace.recordStdinTargetResolved({
        turnId: event.turnId,
        toolCallId: event.facts.toolCallId,
        execToolCallId: event.msg.call_id,
      });
    case "code_cell_started":
    case "code_cell_waited":
    case "code_cell_responded":
      return recordCodeCell(trace, event);
    // Responses hold the items and usage of these, dispatches the calls, compactions record themselves; the rest is for
    // clients and session files only.
    // A reviewer has a recording of its own.
    case "reviewer_event":
    case "review_exited":
    case "turn_diff":
    case "item_started":
    case "item_completed":
    case "agent_reasoning_section_break":
    case "model_reroute":
    case "thread_rolled_back":
    case "plan_update":
    case "token_count":
    case "stream_error":
    case "mcp_startup_update":
    case "mcp_startup_complete":
    case "exec_approval_request":
    case "apply_patch_approval_request":
    case "mcp_tool_approval_request":
    case "approval_resolved":
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

function recordCodeCell(
  trace: ThreadTrace,
  { turnId, msg }: Extract<ThreadEvent, { readonly type: `code_cell_${string}` }>,
): void {
  if (turnId === undefined) return;
  const runtimeCellId = msg.cell_id;
  switch (msg.type) {
    case "code_cell_started": {
      const { call_id: modelVisibleCallId, source: sourceJs } = msg;
      trace.startCodeCell({ turnId, runtimeCellId, modelVisibleCallId, sourceJs });
      return;
    }
    case "code_cell_waited":
      return trace.recordWaitTargetResolved({ turnId, toolCallId: msg.call_id, runtimeCellId });
    case "code_cell_responded": {
      const cell = trace.codeCell({ turnId, runtimeCellId });
      if (msg.is_first) cell.recordInitialResponse(msg.response);
      else cell.recordEnded(msg.response);
    }
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
