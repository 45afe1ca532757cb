import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { AgentOrigin } from "../model/session.ts";
import type { PayloadReference } from "../format/payload.ts";
import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";
import type { EventPayload } from "../format/raw-event.ts";

/** The metadata payload of a thread; members it lacks are `null`. */
interface ThreadMetadata {
  readonly agentPath: string | null;
  readonly taskName: string | null;
  readonly nickname: string | null;
  readonly agentRole: string | null;
  readonly model: string | null;
  /** `session_source.subagent.thread_spawn`, when it names a parent. */
  readonly spawn: (JsonObject & { readonly parent_thread_id: string }) | undefined;
}

const NO_METADATA: ThreadMetadata = {
  agentPath: null,
  taskName: null,
  nickname: null,
  agentRole: null,
  model: null,
  spawn: undefined,
};

export function startThread(
  context: ReducerContext,
  payload: EventPayload<"thread_started">,
): void {
  const threadId = payload.thread_id;
  if (context.threads.has(threadId)) {
    context.problem("duplicate", `thread ${quote(threadId)} starts twice`, { objectId: threadId });
    return;
  }
  const metadata =
    payload.metadata_payload === null
      ? NO_METADATA
      : (readMetadata(context, payload.metadata_payload) ?? NO_METADATA);
  // Of a thread whose metadata were not recorded nobody knows where it comes from, unless it is the first.
  const isLost =
    payload.metadata_payload !== null && context.payload(payload.metadata_payload).isLost;
  const isUnknown = isLost && threadId !== context.header.root_thread_id;
  const agentPath =
    stringMember(metadata.spawn, "agent_path") ?? metadata.agentPath ?? payload.agent_path;
  context.threads.set(threadId, {
    thread_id: threadId,
    agent_path: agentPath,
    nickname: metadata.nickname,
    origin: isUnknown ? { type: "unknown" } : originOf(threadId, agentPath, metadata),
    execution: context.startedNow(),
    default_model: metadata.model,
    conversation_item_ids: [],
  });
}

function originOf(threadId: string, agentPath: string, metadata: ThreadMetadata): AgentOrigin {
  const spawn = metadata.spawn;
  if (spawn === undefined) return { type: "root" };
  const parent = spawn.parent_thread_id;
  return {
    type: "spawned",
    parent_thread_id: parent,
    spawn_edge_id: `edge:spawn:${parent}:${threadId}`,
    task_name: stringMember(spawn, "task_name") ?? metadata.taskName ?? lastSegment(agentPath),
    agent_role: stringMember(spawn, "agent_role") ?? metadata.agentRole ?? "",
  };
}

function lastSegment(path: string): string {
  return path.split("/").findLast((segment) => segment !== "") ?? path;
}

function readMetadata(
  context: ReducerContext,
  reference: PayloadReference,
): ThreadMetadata | undefined {
  const payload = context.payload(reference);
  const value = payload.wholeJson();
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) {
    payload.misshapen("is not session metadata");
    return undefined;
  }
  const member = (name: string): string | null => {
    const found = value[name];
    if (typeof found === "string") return found;
    if (found !== undefined && found !== null)
      payload.misshapen(`holds a ${name} that is not a string`);
    return null;
  };
  return {
    agentPath: member("agent_path"),
    taskName: member("task_name"),
    nickname: member("nickname"),
    agentRole: member("agent_role"),
    model: member("model"),
    spawn: spawnOf(value["session_source"]),
  };
}

function spawnOf(source: JsonValue | undefined): ThreadMetadata["spawn"] {
  const subagent = isJsonObject(source) ? source["subagent"] : undefined;
  const spawn = isJsonObject(subagent) ? subagent["thread_spawn"] : undefined;
  if (!isJsonObject(spawn) || typeof spawn["parent_thread_id"] !== "string") return undefined;
  return spawn as ThreadMetadata["spawn"];
}

function stringMember(object: JsonObject | undefined, name: string): string | null {
  const value = object?.[name];
  return typeof value === "string" ? value : null;
}

/** A second end overwrites the first; nothing inside the thread is closed. */
export function endThread(context: ReducerContext, payload: EventPayload<"thread_ended">): void {
  const thread = context.threads.get(payload.thread_id);
  if (thread === undefined) {
    reportUnknownThread(context, payload.thread_id);
    return;
  }
  context.endNow(thread.execution, payload.status);
}

/** Schema 2: an ended thread goes on. */
export function resumeThread(
  context: ReducerContext,
  payload: EventPayload<"thread_resumed">,
): void {
  const thread = context.threads.get(payload.thread_id);
  if (thread === undefined) {
    reportUnknownThread(context, payload.thread_id);
    return;
  }
  if (thread.execution.ended_at_unix_ms === null) {
    context.problem(
      "context_mismatch",
      `thread ${quote(payload.thread_id)} is resumed while it runs`,
      { objectId: payload.thread_id },
    );
    return;
  }
  thread.execution.ended_at_unix_ms = null;
  thread.execution.ended_seq = null;
  thread.execution.status = "running";
}

export function reportUnknownThread(context: ReducerContext, threadId: string): void {
  context.problem("unknown_reference", `thread ${quote(threadId)} was never started`, {
    objectId: threadId,
  });
}
