import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isRefusal } from "../../approvals/thread-approvals.ts";
import type { ApprovalQuestion } from "../../approvals/thread-approvals.ts";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import type { ToolCall } from "../tool.ts";
import type { McpApprovalMode, McpServerOptions } from "./mcp-server-options.ts";

/** A tool that is about to be called. */
export interface AskedTool {
  readonly server: string;
  /** By the server's own name. */
  readonly tool: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
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
      /** To be called when the end of the call has been shown: ends the turn where the user wants it. */
      readonly settle?: () => void;
    };

/** For a model whose user has said no, or has left the question; machine-read, the same in Codex. */
const REJECTED_BY_USER = "user rejected MCP tool call";
const DISMISSED_BY_USER = "user cancelled MCP tool call";

const NOBODY_TO_ASK = "MCP tool call requires approval, and there is nobody to ask";

const APPROVED: McpApproval = { isApproved: true };

/** Asks the user of the thread, where the rule wants it. Rejects with the signal's reason when the turn is left. */
export async function approveCall(
  call: ToolCall,
  asked: AskedTool,
  { refusal, strongerHint }: Pick<McpForm, "refusal" | "strongerHint">,
): Promise<McpApproval> {
  if (!needsApproval(call, asked, strongerHint)) return APPROVED;
  const { approvals } = call;
  if (approvals === undefined || call.approvalPolicy === "never") {
    const reason = call.approvalPolicy === "never" ? refusal : NOBODY_TO_ASK;
    return { isApproved: false, reason: `${reason}${advice(asked)}` };
  }
  const { server, tool } = asked;
  const isAlwaysAsked = approvalMode(asked) === "prompt";
  const outcome = await approvals.ask(
    call,
    questionOf(asked, isAlwaysAsked),
    isAlwaysAsked ? [] : [JSON.stringify(["mcp_tool", server, tool])],
  );
  // A prefix of a command is no answer about a tool, but a yes.
  if (!isRefusal(outcome)) return APPROVED;
  if (outcome === "abort") {
    const settle = (): void => approvals.resolved(call, outcome);
    return { isApproved: false, reason: DISMISSED_BY_USER, settle };
  }
  approvals.resolved(call, outcome);
  const reason = outcome === "dismissed" ? DISMISSED_BY_USER : REJECTED_BY_USER;
  return { isApproved: false, reason };
}

function questionOf(
  { server, tool, title, description, annotations, arguments: args }: AskedTool,
  isAlwaysAsked: boolean,
): ApprovalQuestion {
  return {
    type: "mcp_tool",
    server,
    tool,
    arguments: args,
    ...(description !== undefined && { description }),
    ...(title !== undefined && { title }),
    annotations,
    isAlwaysAsked,
  };
}

function approvalMode({ options, tool }: AskedTool): McpApprovalMode {
  return options.tools?.[tool]?.approvalMode ?? options.defaultToolsApprovalMode ?? "auto";
}

/**
 * By the rule a tool is called unasked when it only reads, or says that it neither destroys anything nor reaches beyond its own
 * domain; any is where nobody is to be asked and nothing is sandboxed. Observed in 0.140 and 0.171.
 */
function needsApproval(
  { sandboxMode, approvalPolicy }: Pick<ToolCall, "sandboxMode" | "approvalPolicy">,
  asked: AskedTool,
  strongerHint: McpForm["strongerHint"],
): boolean {
  const mode = approvalMode(asked);
  if (mode !== "auto") return mode === "prompt";
  if (sandboxMode === "danger-full-access" && approvalPolicy === "never") return false;
  const { readOnlyHint, destructiveHint, openWorldHint } = asked.annotations;
  if (readOnlyHint === true && strongerHint === "read_only") return false;
  if (destructiveHint === true) return true;
  return readOnlyHint !== true && (destructiveHint !== false || openWorldHint !== false);
}

/** Server names may have characters that a bare key has not. */
function tomlKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function advice({ server }: AskedTool): string {
  return `; to allow the tools of this server, set default_tools_approval_mode = "approve" in [mcp_servers.${tomlKey(server)}], or run with full access and the approval policy never`;
}
