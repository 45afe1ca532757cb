import type { AgentStatus } from "@codex-ts/protocol";
import type { CollabToolEvent } from "@codex-ts/rollout-trace/recorder";
import type { AgentState, TurnItem } from "./turn-event.ts";

type CollabCall = Extract<TurnItem, { readonly type: "collab_tool_call" }>;

/** A call of a tool for agents as an item of the turn. Source: docs/behavior/core.md 6.1. */
export function collabCall(id: string, msg: CollabToolEvent): CollabCall {
  const call = { id, type: "collab_tool_call" as const, sender_thread_id: msg.sender_thread_id };
  switch (msg.type) {
    case "collab_agent_spawn_begin":
      return { ...call, tool: "spawn_agent", ...begun([], msg.prompt) };
    case "collab_agent_spawn_end": {
      const { new_thread_id: threadId, prompt, status } = msg;
      const statuses = threadId === null ? {} : { [threadId]: status };
      return { ...call, tool: "spawn_agent", ...ended(statuses, prompt, threadId !== null) };
    }
    case "collab_agent_interaction_begin":
      return { ...call, tool: "send_input", ...begun([msg.receiver_thread_id], msg.prompt) };
    case "collab_agent_interaction_end":
      return {
        ...call,
        tool: "send_input",
        ...ofOne(msg.receiver_thread_id, msg.status, msg.prompt),
      };
    case "collab_waiting_begin":
      return { ...call, tool: "wait", ...begun(msg.receiver_thread_ids, null) };
    case "collab_waiting_end": {
      const hasFailed = Object.values(msg.statuses).some(isTrouble);
      return { ...call, tool: "wait", ...ended(msg.statuses, null, !hasFailed) };
    }
    case "collab_close_begin":
      return { ...call, tool: "close_agent", ...begun([msg.receiver_thread_id], null) };
    case "collab_close_end":
      return { ...call, tool: "close_agent", ...ofOne(msg.receiver_thread_id, msg.status, null) };
    default:
      return msg satisfies never;
  }
}

type Progress = Pick<CollabCall, "receiver_thread_ids" | "prompt" | "agents_states" | "status">;

function begun(receivers: readonly string[], prompt: string | null): Progress {
  return { receiver_thread_ids: receivers, prompt, agents_states: {}, status: "in_progress" };
}

function ofOne(receiver: string, status: AgentStatus, prompt: string | null): Progress {
  return ended({ [receiver]: status }, prompt, !isTrouble(status));
}

function ended(
  statuses: Readonly<Record<string, AgentStatus>>,
  prompt: string | null,
  isSuccess: boolean,
): Progress {
  return {
    receiver_thread_ids: Object.keys(statuses),
    prompt,
    agents_states: Object.fromEntries(
      Object.entries(statuses).map(([id, status]) => [id, stateOf(status)]),
    ),
    status: isSuccess ? "completed" : "failed",
  };
}

function stateOf(status: AgentStatus): AgentState {
  if (typeof status === "string") return { status, message: null };
  if ("completed" in status) return { status: "completed", message: status.completed };
  return { status: "errored", message: status.errored };
}

function isTrouble(status: AgentStatus): boolean {
  return status === "not_found" || (typeof status === "object" && "errored" in status);
}
