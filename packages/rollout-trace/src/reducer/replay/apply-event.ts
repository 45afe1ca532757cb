import { quote } from "../../reader/problem.ts";
import { acceptHistoryItem } from "../conversation/accept-item.ts";
import { observeAgentResult } from "../agents/agents.ts";
import { resolveWaitTarget } from "../code-cell/code-cell-tools.ts";
import { observeCell, startCell } from "../code-cell/code-cell.ts";
import { endCompactionRequest, installCompaction, startCompactionRequest } from "../compaction.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import type { ReducerContext } from "../context.ts";
import { endInference, startInference } from "../inference/inference.ts";
import { resolveStdinTarget } from "../terminal/terminal-session.ts";
import { endThread, resumeThread, startThread } from "../thread.ts";
import {
  correlateMcpCall,
  endTool,
  endToolRuntime,
  startTool,
  startToolRuntime,
} from "../tool/tool.ts";
import { endTurn, startTurn } from "../turn.ts";
import { observeTurnFailure } from "../turn-failure.ts";

/** Applies the event the context has entered. */
export function applyEvent(context: ReducerContext): void {
  const { payload } = context.event;
  switch (payload.type) {
    case "rollout_started":
      return startRollout(context, payload);
    case "rollout_ended":
      return endRollout(context, payload);
    case "recording_completed":
      context.isRecordingComplete = true;
      return;
    case "thread_started":
      return startThread(context, payload);
    case "thread_ended":
      return endThread(context, payload);
    case "thread_resumed":
      return resumeThread(context, payload);
    case "codex_turn_started":
      return startTurn(context, payload);
    case "codex_turn_ended":
      return endTurn(context, payload);
    case "history_item_accepted":
      return acceptHistoryItem(context, payload);
    case "inference_started":
      return startInference(context, payload);
    case "inference_completed":
    case "inference_failed":
    case "inference_cancelled":
      return endInference(context, payload);
    case "tool_call_started":
      return startTool(context, payload);
    case "mcp_tool_call_correlation_assigned":
      return correlateMcpCall(context, payload);
    case "stdin_target_resolved":
      return resolveStdinTarget(context, payload);
    case "tool_call_runtime_started":
      return startToolRuntime(context, payload);
    case "tool_call_runtime_ended":
      return endToolRuntime(context, payload);
    case "tool_call_ended":
      return endTool(context, payload);
    case "code_cell_started":
      return startCell(context, payload);
    case "code_cell_initial_response":
    case "code_cell_ended":
      return observeCell(context, payload);
    case "compaction_request_started":
      return startCompactionRequest(context, payload);
    case "compaction_request_completed":
    case "compaction_request_failed":
      return endCompactionRequest(context, payload);
    case "compaction_installed":
      return installCompaction(context, payload);
    case "agent_result_observed":
      return observeAgentResult(context, payload);
    case "code_cell_wait_target_resolved":
      return resolveWaitTarget(context, payload);
    case "protocol_event_observed":
      return observeTurnFailure(context, payload);
    case "other":
      return context.problem(
        "event_not_reducible",
        `other event ${quote(payload.kind)} has no meaning here`,
      );
  }
  return payload satisfies never;
}

/** A second start wins, as in Codex. */
function startRollout(context: ReducerContext, payload: EventPayload<"rollout_started">): void {
  context.header.trace_id = payload.trace_id;
  context.header.root_thread_id = payload.root_thread_id;
}

function endRollout(context: ReducerContext, payload: EventPayload<"rollout_ended">): void {
  context.header.status = payload.status;
  context.header.ended_at_unix_ms = context.event.wall_time_unix_ms;
}
