import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import type { ToolCall } from "../tool.ts";
import type { McpApprovalMode, McpServerOptions } from "./mcp-server-options.ts";

/** A tool that is about to be called. */
export interface AskedTool {
  readonly server: string;
  /** By the server's own name. */
  readonly tool: string;
  readonly annotations: JsonObject;
  readonly options: McpServerOptions;
  readonly arguments: JsonValue;
}

/** Whether a call goes ahead, and if not, why: a text for the model. */
export type McpApproval =
  | { readonly isApproved: true }
  | {
      readonly isApproved: false;
      readonly reason: string;
      /** To be called when the end of the call has been shown. */
      readonly settle: () => void;
    };

const NOBODY_TO_ASK = "MCP tool call requires approval, and there is nobody to ask";

const APPROVED: McpApproval = { isApproved: true };

/** Asks the user of the thread, where the rule wants it. Rejects with the signal's reason when the turn is left. */
export async function approveCall(
  call: ToolCall,
  asked: AskedTool,
  refusal: McpForm["refusal"],
): Promise<McpApproval> {
  if (!needsApproval(call, asked)) return APPROVED;
  const { approvals } = call;
  if (approvals === undefined || call.approvalPolicy === "never") {
    const reason = call.approvalPolicy === "never" ? refusal : NOBODY_TO_ASK;
    return { isApproved: false, reason: `${reason}${advice(asked)}`, settle: () => undefined };
  }
  const { server, tool, arguments: args } = asked;
  const key = JSON.stringify(["mcp_tool", server, tool]);
  const decision = await approvals.ask(call, { type: "mcp_tool", server, tool, arguments: args }, [
    key,
  ]);
  if (decision === "approved" || decision === "approved_for_session") return APPROVED;
  return {
    isApproved: false,
    // Machine-read, the same in Codex.
    reason: "user rejected MCP tool call",
    settle: () => approvals.resolved(call, decision === "abort" ? "abort" : "denied"),
  };
}

/**
 * By the rule a tool is called unasked in a sandboxed mode when it only reads, or says that it neither destroys anything
 * nor reaches beyond its own domain. Observed in 0.140 and 0.171.
 */
function needsApproval(
  { sandboxMode }: ToolCall,
  { annotations, options, tool }: AskedTool,
): boolean {
  const mode: McpApprovalMode =
    options.tools?.[tool]?.approvalMode ?? options.defaultToolsApprovalMode ?? "auto";
  if (mode !== "auto") return mode === "prompt";
  if (sandboxMode === "danger-full-access") return false;
  const { readOnlyHint, destructiveHint, openWorldHint } = annotations;
  if (destructiveHint === true) return true;
  return readOnlyHint !== true && (destructiveHint !== false || openWorldHint !== false);
}

/** Server names may have characters that a bare key has not. */
function tomlKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function advice({ server }: AskedTool): string {
  return `; to allow the tools of this server, set default_tools_approval_mode = "approve" in [mcp_servers.${tomlKey(server)}], or run with full access`;
}
