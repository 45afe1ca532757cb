import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ExecutionStatus, ToolCallKind } from "../raw-event.ts";

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

/** The begin/end pairs of multi-agent tools. All thread ids are UUIDs. */
export interface CollabToolEvent extends JsonObject {
  readonly type:
    | "collab_agent_spawn_begin"
    | "collab_agent_spawn_end"
    | "collab_agent_interaction_begin"
    | "collab_agent_interaction_end"
    | "collab_waiting_begin"
    | "collab_waiting_end"
    | "collab_close_begin"
    | "collab_close_end";
  readonly call_id: string;
  readonly sender_thread_id: string;
  readonly receiver_thread_id?: string;
  readonly new_thread_id?: string | null;
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
  | { readonly phase: "started"; readonly callId: string; readonly kind: ToolCallKind }
  | { readonly phase: "ended"; readonly callId: string; readonly status: ExecutionStatus };

/** Source: rollout-trace spec, section 5.3. */
export function toRuntimeStep(event: ToolRuntimeEvent, dispatched: ToolCallKind): RuntimeStep {
  switch (event.type) {
    case "exec_command_begin":
      return started(
        event.call_id,
        dispatched.type === "write_stdin" ? dispatched : { type: "exec_command" },
      );
    case "patch_apply_begin":
      return started(event.call_id, { type: "apply_patch" });
    case "mcp_tool_call_begin":
      return started(event.call_id, mcpKind(event, dispatched));
    case "collab_agent_spawn_begin":
      return started(event.call_id, { type: "spawn_agent" });
    case "collab_agent_interaction_begin":
      // Two tools share this event; which one it was is known from the dispatch.
      return started(
        event.call_id,
        dispatched.type === "assign_agent_task" ? dispatched : { type: "send_message" },
      );
    case "collab_waiting_begin":
      return started(event.call_id, { type: "wait_agent" });
    case "collab_close_begin":
      return started(event.call_id, { type: "close_agent" });
    case "exec_command_end":
    case "patch_apply_end":
      return ended(event.call_id, commandStatus(event.status));
    case "mcp_tool_call_end":
      return ended(event.call_id, mcpStatus(event.result));
    case "collab_agent_spawn_end":
      return ended(event.call_id, typeof event.new_thread_id === "string" ? "completed" : "failed");
    case "collab_agent_interaction_end":
    case "collab_waiting_end":
    case "collab_close_end":
      return ended(event.call_id, "completed");
    case "sub_agent_activity":
      return ended(event.event_id, "completed");
  }
}

function started(callId: string, kind: ToolCallKind): RuntimeStep {
  return { phase: "started", callId, kind };
}

function ended(callId: string, status: ExecutionStatus): RuntimeStep {
  return { phase: "ended", callId, status };
}

function commandStatus(status: ExecCommandEndEvent["status"] | undefined): ExecutionStatus {
  if (status === "declined") return "cancelled";
  return status === "failed" ? "failed" : "completed";
}

function mcpKind({ invocation }: McpToolCallEvent, dispatched: ToolCallKind): ToolCallKind {
  if (invocation === undefined) return dispatched;
  return { type: "mcp", server: invocation.server, tool: invocation.tool };
}

/** A tool that reports an error in its result has still answered. */
function mcpStatus(result: JsonObject | undefined): ExecutionStatus {
  return result !== undefined && "Ok" in result ? "completed" : "failed";
}
