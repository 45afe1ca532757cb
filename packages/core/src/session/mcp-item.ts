import type { JsonObject } from "@codex-ts/protocol";
import type { ThreadEvent } from "../events/thread-event.ts";

/** A call of a tool of an MCP server that has ended, as the session files of 0.171 keep it. */
export function mcpItem({
  msg,
  facts: { readOnlyHint },
}: Extract<ThreadEvent, { readonly type: "mcp_tool_call_end" }>): JsonObject {
  const { call_id: id, invocation, duration, result } = msg;
  const isFailed = "Err" in result || result.Ok.isError === true;
  const item = {
    type: "McpToolCall",
    id,
    ...invocation,
    ...(readOnlyHint !== undefined && { readOnlyHint }),
    status: isFailed ? "failed" : "completed",
    ...("Err" in result ? { error: { message: result.Err } } : { result: result.Ok }),
    duration,
  };
  return item as unknown as JsonObject;
}
