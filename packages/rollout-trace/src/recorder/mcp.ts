import { isJsonObject, type JsonValue } from "@codex-ts/protocol";
import type { BundleRecorder } from "./bundle-recorder.ts";

/** Key of the `_meta` member that carries the id of a call to an MCP server. */
export const MCP_CALL_ID_META_KEY = "codex_bridge_mcp_call_id";

/** Joins a tool call with what an MCP server logs about it. */
export class McpCallTrace {
  /** Version 4 UUID; `undefined` when nothing is recorded. */
  readonly mcpCallId: string | undefined;

  /** @internal */
  constructor(mcpCallId: string | undefined) {
    this.mcpCallId = mcpCallId;
  }

  /**
   * The `_meta` to send: a copy with the id added when `meta` is an object, a new object when it is `null`. Anything
   * else, and everything when nothing is recorded, comes back unchanged.
   */
  addRequestMeta(meta: JsonValue): JsonValue {
    if (this.mcpCallId === undefined) return meta;
    if (meta !== null && !isJsonObject(meta)) return meta;
    return { ...meta, [MCP_CALL_ID_META_KEY]: this.mcpCallId };
  }
}

/** The id of the correlation that was recorded; `undefined` for an unknown call and for a second correlation. */
export function recordMcpCall(bundle: BundleRecorder, toolCallId: string): string | undefined {
  const tool = bundle.tools.get(toolCallId);
  if (tool === undefined || tool.hasMcpCorrelation) return undefined;
  const mcpCallId = bundle.randomUuid();
  tool.hasMcpCorrelation = bundle.append({
    type: "mcp_tool_call_correlation_assigned",
    tool_call_id: toolCallId,
    mcp_call_id: mcpCallId,
  });
  return tool.hasMcpCorrelation ? mcpCallId : undefined;
}
