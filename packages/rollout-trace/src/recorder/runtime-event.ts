import { isJsonObject } from "@codex-ts/protocol";
import type {
  ExecCommandBeginEvent,
  ExecCommandEndEvent,
  JsonObject,
  McpToolCallBeginEvent,
  McpToolCallEndEvent,
  PatchApplyBeginEvent,
  PatchApplyEndEvent,
  SubAgentActivityEvent,
} from "@codex-ts/protocol";
import type { ExecutionStatus, ToolCallKind } from "../format/raw-event.ts";
import type { CollabToolEvent } from "./collab-event.ts";

/**
 * Session events about a running tool; other session events are not runtime events. Commands of source `user_shell` are
 * not recorded; patches and MCP calls are recorded in schema 2 only, as Codex does. Schema 2 leaves out the members of
 * a command's end that repeat `aggregated_output`.
 */
export type ToolRuntimeEvent =
  | ExecCommandBeginEvent
  | ExecCommandEndEvent
  | PatchApplyBeginEvent
  | PatchApplyEndEvent
  | McpToolCallBeginEvent
  | McpToolCallEndEvent
  | CollabToolEvent
  | SubAgentActivityEvent;

/** A runtime event as the trace sees it. */
export type RuntimeStep =
  | { readonly phase: "started"; readonly kind: ToolCallKind }
  | { readonly phase: "ended"; readonly status: ExecutionStatus };

type ToStep = (event: JsonObject, dispatched: ToolCallKind) => RuntimeStep;
type KindOf = (event: JsonObject, dispatched: ToolCallKind) => ToolCallKind;
type StatusOf = (event: JsonObject) => ExecutionStatus;

/** A begin shows what kind of tool runs, given the kind its name suggested. */
const begin =
  (kindOf: KindOf): ToStep =>
  (event, dispatched) => ({ phase: "started", kind: kindOf(event, dispatched) });

const end =
  (statusOf: StatusOf): ToStep =>
  (event) => ({ phase: "ended", status: statusOf(event) });

const STEPS: { readonly [type in ToolRuntimeEvent["type"]]: ToStep } = {
  exec_command_begin: begin((_, dispatched) => keep(dispatched, "write_stdin", "exec_command")),
  patch_apply_begin: begin(() => ({ type: "apply_patch" })),
  mcp_tool_call_begin: begin(mcpKind),
  collab_agent_spawn_begin: begin(() => ({ type: "spawn_agent" })),
  // Two tools share this event; which one it was is known from the dispatch.
  collab_agent_interaction_begin: begin((_, dispatched) =>
    keep(dispatched, "assign_agent_task", "send_message"),
  ),
  collab_waiting_begin: begin(() => ({ type: "wait_agent" })),
  collab_close_begin: begin(() => ({ type: "close_agent" })),
  exec_command_end: end(commandStatus),
  patch_apply_end: end(commandStatus),
  mcp_tool_call_end: end(mcpStatus),
  collab_agent_spawn_end: end((event) =>
    typeof event["new_thread_id"] === "string" ? "completed" : "failed",
  ),
  collab_agent_interaction_end: end(() => "completed"),
  collab_waiting_end: end(() => "completed"),
  collab_close_end: end(() => "completed"),
  sub_agent_activity: end(() => "completed"),
};

/** The event as the JSON object it is. */
export function asJson(event: ToolRuntimeEvent): JsonObject {
  return event as unknown as JsonObject;
}

/** `undefined` for an event that is not about a running tool. Source: docs/behavior/rollout-trace.md 5.3. */
export function toRuntimeStep(
  event: ToolRuntimeEvent,
  dispatched: ToolCallKind,
): RuntimeStep | undefined {
  if (!Object.hasOwn(STEPS, event.type)) return undefined;
  return STEPS[event.type](asJson(event), dispatched);
}

function keep(
  dispatched: ToolCallKind,
  kept: "write_stdin" | "assign_agent_task",
  otherwise: "exec_command" | "send_message",
): ToolCallKind {
  return dispatched.type === kept ? dispatched : { type: otherwise };
}

function commandStatus({ status }: JsonObject): ExecutionStatus {
  if (status === "declined") return "cancelled";
  return status === "failed" ? "failed" : "completed";
}

function mcpKind({ invocation }: JsonObject, dispatched: ToolCallKind): ToolCallKind {
  if (!isJsonObject(invocation)) return dispatched;
  const { server, tool } = invocation;
  if (typeof server !== "string" || typeof tool !== "string") return dispatched;
  return { type: "mcp", server, tool };
}

/** A tool that reports an error in its result has still completed. */
function mcpStatus({ result }: JsonObject): ExecutionStatus {
  return isJsonObject(result) && "Ok" in result ? "completed" : "failed";
}
