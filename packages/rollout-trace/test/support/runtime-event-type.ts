import type { JsonObject } from "@codex-ts/protocol";
import type { ToolRuntimeEvent } from "@codex-ts/rollout-trace";

/** The type of the session event whose body a runtime payload is; the payload itself does not say. */
export function runtimeEventType(body: JsonObject, isStart: boolean): ToolRuntimeEvent["type"] {
  if ("agent_thread_id" in body) return "sub_agent_activity";
  if ("command" in body) return isStart ? "exec_command_begin" : "exec_command_end";
  if ("changes" in body) return isStart ? "patch_apply_begin" : "patch_apply_end";
  if ("invocation" in body || "result" in body) {
    return isStart ? "mcp_tool_call_begin" : "mcp_tool_call_end";
  }
  if ("receiver_thread_ids" in body || "statuses" in body) {
    return isStart ? "collab_waiting_begin" : "collab_waiting_end";
  }
  if ("receiver_thread_id" in body && "prompt" in body) {
    return isStart ? "collab_agent_interaction_begin" : "collab_agent_interaction_end";
  }
  if ("receiver_thread_id" in body) return isStart ? "collab_close_begin" : "collab_close_end";
  return isStart ? "collab_agent_spawn_begin" : "collab_agent_spawn_end";
}
