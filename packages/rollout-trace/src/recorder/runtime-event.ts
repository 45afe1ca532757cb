import { isJsonObject, type JsonObject, type JsonValue } from "@codex-ts/protocol";
import type { ExecutionStatus, ToolCallKind } from "../format/raw-event.ts";
import type { CollabToolEvent } from "./collab-event.ts";

/** A process was started (or, with `interaction_input`, written to). Wire spelling. */
export interface ExecCommandBeginEvent extends JsonObject {
  readonly type: "exec_command_begin";
  readonly call_id: string;
  readonly process_id?: string | null;
  readonly turn_id: string;
  readonly started_at_ms: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly parsed_cmd: readonly JsonValue[];
  /** `user_shell` events are not recorded. */
  readonly source: string;
  readonly interaction_input?: string | null;
}

/** A process ended. Schema 1 stores every member; schema 2 leaves out the three that repeat `aggregated_output`. */
export interface ExecCommandEndEvent extends JsonObject {
  readonly type: "exec_command_end";
  readonly call_id: string;
  readonly process_id?: string | null;
  readonly turn_id: string;
  readonly completed_at_ms: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly parsed_cmd: readonly JsonValue[];
  readonly source: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly aggregated_output: string;
  readonly exit_code: number;
  readonly duration: { readonly secs: number; readonly nanos: number };
  readonly formatted_output: string;
  readonly status: "completed" | "failed" | "declined";
}

/** Recorded in schema 2 only, as Codex does. */
export interface PatchApplyEvent extends JsonObject {
  readonly type: "patch_apply_begin" | "patch_apply_end";
  readonly call_id: string;
  /** On the end. */
  readonly status?: "completed" | "failed" | "declined";
}

/** Recorded in schema 2 only, as Codex does. */
export interface McpToolCallEvent extends JsonObject {
  readonly type: "mcp_tool_call_begin" | "mcp_tool_call_end";
  readonly call_id: string;
  /** Required on the begin. */
  readonly invocation?: JsonObject & { readonly server: string; readonly tool: string };
  /** On the end: `{"Ok": …}` or `{"Err": "…"}`. */
  readonly result?: JsonObject;
}

/** One step of a sub-agent, 0.140 and later: an end without a begin. */
export interface SubAgentActivityEvent extends JsonObject {
  readonly type: "sub_agent_activity";
  /** Call id of the tool call behind it. */
  readonly event_id: string;
  readonly occurred_at_ms: number;
  readonly agent_thread_id: string;
  readonly agent_path: string;
  readonly kind: "started" | "interacted" | "interrupted";
}

/** Session events about a running tool, in wire spelling; other session events are not runtime events. */
export type ToolRuntimeEvent =
  | ExecCommandBeginEvent
  | ExecCommandEndEvent
  | PatchApplyEvent
  | McpToolCallEvent
  | CollabToolEvent
  | SubAgentActivityEvent;

/** A runtime event as the trace sees it. */
export type RuntimeStep =
  | { readonly phase: "started"; readonly kind: ToolCallKind }
  | { readonly phase: "ended"; readonly status: ExecutionStatus };

type KindOf = (event: JsonObject, dispatched: ToolCallKind) => ToolCallKind;
type StatusOf = (event: JsonObject) => ExecutionStatus;

/** What kind of tool a begin shows, given the kind its name suggested. */
const BEGINS: ReadonlyMap<string, KindOf> = new Map<string, KindOf>([
  ["exec_command_begin", (_, dispatched) => keep(dispatched, "write_stdin", "exec_command")],
  ["patch_apply_begin", () => ({ type: "apply_patch" })],
  ["mcp_tool_call_begin", mcpKind],
  ["collab_agent_spawn_begin", () => ({ type: "spawn_agent" })],
  [
    "collab_agent_interaction_begin",
    // Two tools share this event; which one it was is known from the dispatch.
    (_, dispatched) => keep(dispatched, "assign_agent_task", "send_message"),
  ],
  ["collab_waiting_begin", () => ({ type: "wait_agent" })],
  ["collab_close_begin", () => ({ type: "close_agent" })],
]);

const ENDS: ReadonlyMap<string, StatusOf> = new Map<string, StatusOf>([
  ["exec_command_end", commandStatus],
  ["patch_apply_end", commandStatus],
  ["mcp_tool_call_end", mcpStatus],
  [
    "collab_agent_spawn_end",
    (event) => (typeof event["new_thread_id"] === "string" ? "completed" : "failed"),
  ],
  ["collab_agent_interaction_end", () => "completed"],
  ["collab_waiting_end", () => "completed"],
  ["collab_close_end", () => "completed"],
  ["sub_agent_activity", () => "completed"],
]);

/** `undefined` for an event that is not about a running tool. Source: rollout-trace spec, section 5.3. */
export function toRuntimeStep(
  event: ToolRuntimeEvent,
  dispatched: ToolCallKind,
): RuntimeStep | undefined {
  const begin = BEGINS.get(event.type);
  if (begin !== undefined) return { phase: "started", kind: begin(event, dispatched) };
  const end = ENDS.get(event.type);
  return end === undefined ? undefined : { phase: "ended", status: end(event) };
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

/** A tool that reports an error in its result has still answered. */
function mcpStatus({ result }: JsonObject): ExecutionStatus {
  return isJsonObject(result) && "Ok" in result ? "completed" : "failed";
}
