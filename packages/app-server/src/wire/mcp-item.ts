import type { ThreadEvent } from "@codex-ts/core";
import { isJsonObject, readCallToolResult } from "@codex-ts/protocol";
import type { CallToolResult, JsonObject, McpToolCallEndEvent } from "@codex-ts/protocol";
import { durationMs } from "./item.ts";
import type { ThreadItem } from "./item.ts";

type McpItem = Extract<ThreadItem, { readonly type: "mcpToolCall" }>;
type McpCallEvent = Extract<ThreadEvent, { readonly type: `mcp_tool_call_${string}` }>;

/** A call of a tool of an MCP server, on its way or at its end. */
export function toMcpCall({ msg, facts }: McpCallEvent): McpItem {
  return msg.type === "mcp_tool_call_begin"
    ? shown(msg, { readOnlyHint: facts.readOnlyHint })
    : toEndedMcpCall(msg, facts.readOnlyHint);
}

/** A call that has ended. */
export function toEndedMcpCall(msg: McpToolCallEndEvent, readOnlyHint?: boolean): McpItem {
  return shown(msg, { readOnlyHint, outcome: msg.result, durationMs: durationMs(msg.duration) });
}

/** A call as the session files of today's Codex keep it; `undefined` for one that cannot be read. */
export function readMcpItem(raw: JsonObject): McpItem | undefined {
  const { id, server, tool, arguments: args = null, readOnlyHint, result, error, duration } = raw;
  if (typeof id !== "string" || typeof server !== "string" || typeof tool !== "string") {
    return undefined;
  }
  const read = readCallToolResult(result);
  const message = isJsonObject(error) ? error["message"] : undefined;
  const took = isJsonObject(duration) ? duration : {};
  return shown(
    { call_id: id, invocation: { server, tool, arguments: args } },
    {
      readOnlyHint: typeof readOnlyHint === "boolean" ? readOnlyHint : undefined,
      outcome:
        read === undefined ? { Err: typeof message === "string" ? message : "" } : { Ok: read },
      durationMs: durationMs({
        secs: Number(took["secs"] ?? 0),
        nanos: Number(took["nanos"] ?? 0),
      }),
    },
  );
}

function shown(
  { call_id: id, invocation }: Pick<McpToolCallEndEvent, "call_id" | "invocation">,
  facts: {
    readonly readOnlyHint: boolean | undefined;
    readonly outcome?: McpToolCallEndEvent["result"];
    readonly durationMs?: number;
  },
): McpItem {
  const { outcome } = facts;
  const result = outcome !== undefined && "Ok" in outcome ? outcome.Ok : undefined;
  const failure = outcome !== undefined && "Err" in outcome ? outcome.Err : undefined;
  const hasFailed = failure !== undefined || result?.isError === true;
  return {
    type: "mcpToolCall",
    id,
    server: invocation.server,
    tool: invocation.tool,
    status: outcome === undefined ? "inProgress" : hasFailed ? "failed" : "completed",
    arguments: invocation.arguments,
    pluginId: null,
    readOnlyHint: facts.readOnlyHint ?? null,
    result: result === undefined ? null : shownResult(result),
    error: failure === undefined ? null : { message: failure },
    durationMs: facts.durationMs ?? null,
  };
}

function shownResult({ content, structuredContent = null, _meta = null }: CallToolResult): object {
  return { content, structuredContent, _meta };
}
