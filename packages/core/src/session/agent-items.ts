import { isJsonObject } from "@codex-ts/protocol";
import type { AgentStatus, JsonObject, SubAgentActivityEvent } from "@codex-ts/protocol";
import type { CollabToolEvent } from "@codex-ts/rollout-trace/recorder";
import { collabCall } from "../events/collab-call.ts";

/** The event types that end a call of a tool for agents. */
type CollabEndType =
  | "collab_agent_spawn_end"
  | "collab_agent_interaction_end"
  | "collab_waiting_end"
  | "collab_close_end";

type CollabEnd = Extract<CollabToolEvent, { readonly type: CollabEndType }>;

/** Something one agent did to another, as an item of a file of 0.171. */
export function activityItem(msg: SubAgentActivityEvent): JsonObject {
  const { model = null, reasoning_effort = null } = msg;
  const { event_id: id, kind, agent_thread_id, agent_path } = msg;
  return {
    type: "SubAgentActivity",
    model,
    reasoning_effort,
    id,
    kind,
    agent_thread_id,
    agent_path,
  };
}

/** A call of a tool for agents, as an item of a file of 0.171. */
export function collabCallItem(msg: CollabEnd): JsonObject {
  const { tool, status, sender_thread_id, receiver_thread_ids, prompt } = collabCall("", msg);
  return {
    type: "CollabAgentToolCall",
    id: msg.call_id,
    tool,
    status,
    sender_thread_id,
    receiver_thread_ids,
    receiver_agents: receiver_thread_ids.map((id) => receiver(id, msg)),
    ...(prompt !== null && { prompt }),
    ...(msg.type === "collab_agent_spawn_end" && {
      model: msg.model,
      reasoning_effort: msg.reasoning_effort,
    }),
    agents_states: "statuses" in msg ? msg.statuses : statesOf(receiver_thread_ids, msg.status),
  };
}

/** With the nickname, where the event has it. */
function receiver(threadId: string, msg: CollabEnd): JsonObject {
  const { agent_statuses: statuses } = msg;
  const known = Array.isArray(statuses)
    ? statuses.find((agent) => isJsonObject(agent) && agent["thread_id"] === threadId)
    : undefined;
  const nickname =
    (isJsonObject(known) ? known["agent_nickname"] : undefined) ??
    msg["new_agent_nickname"] ??
    msg["receiver_agent_nickname"];
  return { thread_id: threadId, ...(nickname !== undefined && { agent_nickname: nickname }) };
}

function statesOf(ids: readonly string[], status: AgentStatus): JsonObject {
  return Object.fromEntries(ids.map((id) => [id, status]));
}
