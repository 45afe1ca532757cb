import type { ThreadEvent } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { AgentStatus, JsonObject } from "@codex-ts/protocol";
import type { ThreadItem } from "./item.ts";
import { camel } from "./status.ts";

type MsgOf<Type extends ThreadEvent["type"]> = Extract<ThreadEvent, { readonly type: Type }>["msg"];

type CollabMsg = MsgOf<
  | "collab_agent_spawn_begin"
  | "collab_agent_spawn_end"
  | "collab_agent_interaction_begin"
  | "collab_agent_interaction_end"
  | "collab_waiting_begin"
  | "collab_waiting_end"
  | "collab_close_begin"
  | "collab_close_end"
>;

type ActivityItem = Extract<ThreadItem, { readonly type: "subAgentActivity" }>;
type CallItem = Extract<ThreadItem, { readonly type: "collabAgentToolCall" }>;

/** Something one agent did to another. */
export function toActivity(msg: MsgOf<"sub_agent_activity">): ActivityItem {
  return {
    type: "subAgentActivity",
    id: msg.event_id,
    kind: msg.kind,
    agentThreadId: msg.agent_thread_id,
    agentPath: msg.agent_path,
    model: msg.model ?? null,
    reasoningEffort: msg.reasoning_effort ?? null,
  };
}

/** The end of a turn of an agent, as its parent sees it. Today's Codex alone shows it. */
export function toAgentEnd(msg: MsgOf<"agent_result">, agentThreadId: string): ActivityItem {
  return {
    type: "subAgentActivity",
    id: `subagent-completed-${msg.child_turn_id}`,
    kind: "completed",
    agentThreadId,
    agentPath: msg.child_agent_path,
    model: null,
    reasoningEffort: null,
  };
}

/** A call of a tool for agents, at its beginning or its end. */
export function toCollabCall(msg: CollabMsg): CallItem {
  const call = {
    type: "collabAgentToolCall",
    id: msg.call_id,
    senderThreadId: msg.sender_thread_id,
    prompt: null,
    model: null,
    reasoningEffort: null,
  } as const;
  switch (msg.type) {
    case "collab_agent_spawn_begin":
      return { ...call, tool: "spawnAgent", ...chosen(msg), ...begun([]) };
    case "collab_agent_spawn_end": {
      const { new_thread_id: id, status } = msg;
      const statuses = id === null ? {} : { [id]: status };
      const end = ended(statuses);
      const isFailed = id === null;
      return {
        ...call,
        tool: "spawnAgent",
        ...chosen(msg),
        ...end,
        ...(isFailed && { status: "failed" }),
      };
    }
    case "collab_agent_interaction_begin": {
      const { prompt, receiver_thread_id: id } = msg;
      return { ...call, tool: "sendInput", prompt, ...begun([id]) };
    }
    case "collab_agent_interaction_end": {
      const { prompt, receiver_thread_id: id, status } = msg;
      return { ...call, tool: "sendInput", prompt, ...ended({ [id]: status }) };
    }
    case "collab_waiting_begin":
      return { ...call, tool: "wait", ...begun(msg.receiver_thread_ids) };
    case "collab_waiting_end":
      return { ...call, tool: "wait", ...ended(msg.statuses) };
    case "collab_close_begin":
      return { ...call, tool: "closeAgent", ...begun([msg.receiver_thread_id]) };
    case "collab_close_end":
      return { ...call, tool: "closeAgent", ...ended({ [msg.receiver_thread_id]: msg.status }) };
    default:
      return msg satisfies never;
  }
}

/** Either as today's session files keep it; `undefined` for all else. */
export function readAgentItem(raw: JsonObject): ThreadItem | undefined {
  const text = (name: string): string | null => (typeof raw[name] === "string" ? raw[name] : null);
  const choice = { model: text("model"), reasoningEffort: text("reasoning_effort") };
  const id = text("id");
  if (id === null) return undefined;
  if (raw["type"] === "SubAgentActivity") {
    return {
      type: "subAgentActivity",
      id,
      kind: text("kind") ?? "",
      agentThreadId: text("agent_thread_id") ?? "",
      agentPath: text("agent_path") ?? "",
      ...choice,
    };
  }
  if (raw["type"] !== "CollabAgentToolCall") return undefined;
  const receivers = raw["receiver_thread_ids"];
  const states = isJsonObject(raw["agents_states"]) ? raw["agents_states"] : {};
  return {
    type: "collabAgentToolCall",
    id,
    tool: camel(text("tool") ?? ""),
    status: STATUSES.find((status) => status === camel(text("status") ?? "")) ?? "failed",
    senderThreadId: text("sender_thread_id") ?? "",
    receiverThreadIds: Array.isArray(receivers)
      ? receivers.filter((receiver) => typeof receiver === "string")
      : [],
    prompt: text("prompt"),
    ...choice,
    agentsStates: statesOf(states as Readonly<Record<string, AgentStatus>>),
  };
}

const STATUSES = ["inProgress", "completed", "failed"] as const;

function chosen(msg: {
  readonly prompt: string;
  readonly model: string;
  readonly reasoning_effort: string;
}): Pick<CallItem, "prompt" | "model" | "reasoningEffort"> {
  return { prompt: msg.prompt, model: msg.model, reasoningEffort: msg.reasoning_effort };
}

type Progress = Pick<CallItem, "status" | "receiverThreadIds" | "agentsStates">;

function begun(receiverThreadIds: readonly string[]): Progress {
  return { status: "inProgress", receiverThreadIds, agentsStates: {} };
}

function ended(statuses: Readonly<Record<string, AgentStatus>>): Progress {
  const isTrouble = Object.values(statuses).some(
    (status) => status === "not_found" || (typeof status === "object" && "errored" in status),
  );
  return {
    status: isTrouble ? "failed" : "completed",
    receiverThreadIds: Object.keys(statuses),
    agentsStates: statesOf(statuses),
  };
}

function statesOf(statuses: Readonly<Record<string, AgentStatus>>): object {
  return Object.fromEntries(Object.entries(statuses).map(([id, status]) => [id, stateOf(status)]));
}

function stateOf(status: AgentStatus): object {
  if (typeof status === "string") return { status: camel(status), message: null };
  return "completed" in status
    ? { status: "completed", message: status.completed }
    : { status: "errored", message: status.errored };
}
