import type { CallToolResult } from "@codex-ts/protocol";
import type { ThreadEvent } from "./thread-event.ts";
import type { TurnItem } from "./turn-event.ts";

type McpCallEvent = Extract<ThreadEvent, { readonly type: `mcp_tool_call_${string}` }>;
type McpCallItem = Extract<TurnItem, { readonly type: "mcp_tool_call" }>;

/** A call of a tool of an MCP server, as an item of its turn. */
export function mcpCall({ msg, facts }: McpCallEvent): TurnItem {
  const { server, tool, arguments: args } = msg.invocation;
  const call = { id: facts.itemId, type: "mcp_tool_call", server, tool, arguments: args } as const;
  if (msg.type === "mcp_tool_call_begin") {
    return { ...call, result: null, error: null, status: "in_progress" };
  }
  const { result } = msg;
  if ("Err" in result) {
    return { ...call, result: null, error: { message: result.Err }, status: "failed" };
  }
  const status = result.Ok.isError === true ? "failed" : "completed";
  return { ...call, result: shownResult(result.Ok), error: null, status };
}

function shownResult({
  content,
  _meta,
  structuredContent = null,
}: CallToolResult): McpCallItem["result"] {
  return { content, ...(_meta !== undefined && { _meta }), structured_content: structuredContent };
}
