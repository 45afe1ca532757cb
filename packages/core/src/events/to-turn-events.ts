import type {
  DynamicToolCallItem,
  DynamicToolContent,
  FunctionCallOutputContentItem,
  TurnItem as ProtocolItem,
} from "@codex-ts/protocol";
import { shellJoin } from "../tools/exec/shell-quote.ts";
import { collabCall } from "./collab-call.ts";
import { mcpCall } from "./mcp-call.ts";
import type { PlanItem } from "./plan-item.ts";
import type { ThreadEvent } from "./thread-event.ts";
import type { TurnEvent, TurnItem } from "./turn-event.ts";

type EventOf<Type extends ThreadEvent["type"]> = Extract<ThreadEvent, { readonly type: Type }>;

/**
 * The `TurnEvent`s that show a thread event to a client of the library: one, none, or a start and an end at once.
 * `plan`: that of the event's turn.
 */
export function toTurnEvents(event: ThreadEvent, plan: PlanItem): readonly TurnEvent[] {
  switch (event.type) {
    // The most frequent first.
    case "agent_message_content_delta":
      return [{ type: "agentMessageDelta", itemId: event.facts.itemId, delta: event.msg.delta }];
    case "reasoning_content_delta":
    case "reasoning_raw_content_delta":
      return [{ type: "reasoningDelta", itemId: event.facts.itemId, delta: event.msg.delta }];
    case "task_started":
      return [{ type: "turnStarted", turnId: event.msg.turn_id }];
    case "review_entered":
      return [{ type: "turnStarted", turnId: event.msg.turn_id }];
    case "reviewer_event":
      return event.msg.event.type === "task_started" ? [] : toTurnEvents(event.msg.event, plan);
    case "review_exited":
      return [{ type: "reviewCompleted", output: event.msg.output }];
    case "task_complete":
      return [...plan.end(), turnEnded(event)];
    case "turn_aborted": {
      const { turn_id: turnId } = event.msg;
      return turnId === null ? [] : [...plan.end(), { type: "turnAborted", turnId }];
    }
    case "raw_response_item":
      return [{ type: "rawItem", item: event.msg.item }];
    case "item_started":
      return startedItem(event);
    case "item_completed":
      return completedItem(event);
    case "exec_command_begin":
      return [{ type: "itemStarted", item: runningCommand(event) }];
    case "exec_command_output_delta": {
      const chunk = Buffer.from(event.msg.chunk, "base64").toString("utf8");
      return [{ type: "commandOutputDelta", itemId: event.facts.itemId, chunk }];
    }
    case "exec_command_end":
      return endedCommand(event);
    case "patch_apply_begin":
      return [{ type: "itemStarted", item: patch(event, "in_progress") }];
    case "patch_apply_end":
      return endedPatch(event);
    case "mcp_tool_call_begin":
      return [{ type: "itemStarted", item: mcpCall(event) }];
    case "mcp_tool_call_end":
      return [{ type: "itemCompleted", item: mcpCall(event) }];
    case "plan_update":
      return [plan.update(event.msg, event.facts.itemId)];
    case "token_count":
      return [{ type: "tokenCount", info: event.msg.info, rateLimits: event.msg.rate_limits }];
    case "stream_error":
      return [
        {
          type: "streamRetry",
          message: event.msg.message,
          details: event.msg.additional_details ?? "",
          delayMs: event.facts.delayMs,
        },
      ];
    case "exec_approval_request":
    case "apply_patch_approval_request":
    case "mcp_tool_approval_request":
      return [{ type: "approvalRequested", request: event.facts.request }];
    case "approval_resolved": {
      const { call_id: callId, decision } = event.msg;
      return [{ type: "approvalResolved", callId, decision }];
    }
    case "warning":
      return [{ type: "warning", message: event.msg.message }];
    case "inference_started":
      return [{ type: "inferenceStarted", inference: event.msg.inference }];
    case "inference_finished":
      return [{ type: "inferenceFinished", inference: event.msg.inference }];
    case "collab_agent_spawn_begin":
    case "collab_agent_interaction_begin":
    case "collab_waiting_begin":
    case "collab_close_begin":
      return [{ type: "itemStarted", item: collabCall(event.facts.itemId, event.msg) }];
    case "collab_agent_spawn_end":
    case "collab_agent_interaction_end":
    case "collab_waiting_end":
    case "collab_close_end":
      return [{ type: "itemCompleted", item: collabCall(event.facts.itemId, event.msg) }];
    // The end of the turn carries its error; the others belong to no turn, or show nothing.
    case "error":
    case "session_configured":
    case "shutdown_complete":
    case "terminal_interaction":
    case "thread_rolled_back":
    case "agent_reasoning_section_break":
    case "mcp_startup_update":
    case "mcp_startup_complete":
    // A warning goes with it.
    case "model_reroute":
    case "context_recorded":
    // Scripts show what they do by the tools they call.
    case "code_cell_started":
    case "code_cell_waited":
    case "code_cell_responded":
    case "sub_agent_activity":
    case "agent_result":
    // Items have shown each patch.
    case "turn_diff":
      return [];
    case "compaction_started": {
      const { type: _type, ...facts } = event.msg;
      return [{ type: "compactionStarted", ...facts }];
    }
    case "compaction_installed": {
      const { message, replacementHistory, windowNumber } = event.msg.compaction;
      const { compactionId } = event.msg;
      return [
        { type: "compactionInstalled", compactionId, windowNumber, message, replacementHistory },
      ];
    }
    default:
      return event satisfies never;
  }
}

function turnEnded({ msg, facts }: EventOf<"task_complete">): TurnEvent {
  if (facts.failure !== undefined) {
    return { type: "turnFailed", turnId: msg.turn_id, error: facts.failure };
  }
  return {
    type: "turnCompleted",
    turnId: msg.turn_id,
    usage: facts.usage,
    lastAgentMessage: msg.last_agent_message,
  };
}

/** Of the items of responses a client sees the end only; their text comes in deltas before. */
function startedItem({ msg: { item }, facts }: EventOf<"item_started">): TurnEvent[] {
  if (item.type === "WebSearch") return [{ type: "itemStarted", item: webSearch(item) }];
  if (item.type !== "DynamicToolCall") return [];
  return [{ type: "itemStarted", item: toolCall(item, facts?.itemId ?? item.id) }];
}

function completedItem({ msg: { item }, facts }: EventOf<"item_completed">): TurnEvent[] {
  const id = facts?.itemId ?? ("id" in item ? item.id : "");
  switch (item.type) {
    case "AgentMessage": {
      const text = item.content.map((part) => part.text).join("");
      return [{ type: "itemCompleted", item: { id, type: "agent_message", text } }];
    }
    case "Reasoning": {
      const text = item.summary_text.join("\n");
      // Encrypted reasoning has nothing to show.
      if (text === "") return [];
      return [{ type: "itemCompleted", item: { id, type: "reasoning", text } }];
    }
    case "WebSearch":
      return [{ type: "itemCompleted", item: webSearch(item) }];
    case "DynamicToolCall":
      return [{ type: "itemCompleted", item: toolCall(item, id) }];
    // Kinds this package has no items for, or events of its own.
    case "ContextCompaction":
    case "UserMessage":
    case "Plan":
    case "ImageView":
    case "ImageGeneration":
    case "other":
      return [];
    default:
      return item satisfies never;
  }
}

function toolCall(item: DynamicToolCallItem, id: string): TurnItem {
  return {
    id,
    type: "dynamic_tool_call",
    tool: item.tool,
    arguments: item.arguments,
    content_items: item.content_items?.flatMap(toContent) ?? null,
    status: item.success === undefined ? "in_progress" : item.success ? "completed" : "failed",
  };
}

function webSearch({
  id,
  query,
  action,
}: Extract<ProtocolItem, { readonly type: "WebSearch" }>): TurnItem {
  return { id, type: "web_search", query, action };
}

function toContent(part: DynamicToolContent): FunctionCallOutputContentItem[] {
  switch (part.type) {
    case "inputText":
      return [{ type: "input_text", text: part.text }];
    case "inputImage":
      return [{ type: "input_image", image_url: part.imageUrl }];
    case "other":
      return [];
    default:
      return part satisfies never;
  }
}

function runningCommand({ msg, facts }: EventOf<"exec_command_begin">): TurnItem {
  return {
    id: facts.itemId,
    type: "command_execution",
    command: shellJoin(msg.command),
    aggregated_output: "",
    exit_code: null,
    status: "in_progress",
  };
}

function patch(
  { msg, facts }: EventOf<"patch_apply_begin" | "patch_apply_end">,
  status: "in_progress" | "completed" | "failed" | "declined",
): TurnItem {
  const changes = Object.entries(msg.changes).map(([path, { type }]) => ({ path, kind: type }));
  // Codex's `exec` has no word for a declined patch.
  const shown = status === "declined" ? "failed" : status;
  return { id: facts.itemId, type: "file_change", changes, status: shown };
}

function endedPatch(event: EventOf<"patch_apply_end">): TurnEvent[] {
  const item = patch(event, event.msg.status);
  const completed: TurnEvent = { type: "itemCompleted", item };
  // A declined patch never began.
  return event.msg.status === "declined" ? [{ type: "itemStarted", item }, completed] : [completed];
}

function endedCommand({ msg, facts }: EventOf<"exec_command_end">): TurnEvent[] {
  const item: TurnItem = {
    id: facts.itemId,
    type: "command_execution",
    command: shellJoin(msg.command),
    aggregated_output: msg.aggregated_output,
    exit_code: msg.status === "declined" ? null : msg.exit_code,
    status: msg.status,
  };
  const completed: TurnEvent = { type: "itemCompleted", item };
  // A declined command never began.
  return msg.status === "declined" ? [{ type: "itemStarted", item }, completed] : [completed];
}
