import type { FileChanges, JsonObject, JsonValue, ParsedCommand } from "@codex-ts/protocol";

/** The call that waits, which all questions name. */
interface AskedCall {
  readonly threadId: string;
  readonly turnId: string;
  /** The call, by the id that events and the trace have for it. */
  readonly callId: string;
  /** When the question was asked, in Unix milliseconds. */
  readonly startedAtMs: number;
  /** Why a person is asked: the model's justification, or what stood in the way. Hostile text where a model wrote it. */
  readonly reason?: string;
}

/** Whether a command may run. */
export interface CommandApprovalRequest extends AskedCall {
  readonly type: "command";
  /** As it would be started, shell first. */
  readonly command: readonly string[];
  /** Working directory of the command, absolute. */
  readonly cwd: string;
  /** Its actions, as far as they are understood. */
  readonly actions: readonly ParsedCommand[];
  /** Whether it would run without a sandbox, with all rights the user has. */
  readonly isUnsandboxed: boolean;
  /** The prefix that `approvedPrefix` would allow for good; absent when none fits. */
  readonly proposedPrefix?: readonly string[];
}

/** Whether files may be changed. */
export interface PatchApprovalRequest extends AskedCall {
  readonly type: "patch";
  /** Directory the patch's paths begin at, absolute. */
  readonly cwd: string;
  /** By absolute path; of a file that moves the old one. */
  readonly changes: FileChanges;
}

/** Whether a tool of an MCP server may be called. */
export interface McpToolApprovalRequest extends AskedCall {
  readonly type: "mcp_tool";
  readonly server: string;
  /** As the server names it. */
  readonly tool: string;
  readonly arguments: JsonValue;
  /** The use of the tool, where the server says so. Hostile text. */
  readonly description?: string;
  /** The tool's name for people, where the server has one. Hostile text. */
  readonly title?: string;
  /** Hints of the server about what the tool does, e.g. `destructiveHint`; empty where it has none. Nothing vouches for them. */
  readonly annotations: JsonObject;
  /** Whether every call is asked about, as the settings of the server want it: an approval holds for this call alone. */
  readonly isAlwaysAsked: boolean;
}

/** A question to the person in front of an application; everything in it comes from a model. */
export type ApprovalRequest =
  | CommandApprovalRequest
  | PatchApprovalRequest
  | McpToolApprovalRequest;

/**
 * A decision: `approved` this once; `approved_for_session`, which holds for the same command, the same files or the same MCP
 * tool until the thread is closed; `denied`, which the model reads; `dismissed`, the same where a person has left the question
 * without a no, which a model reads of MCP tools; `abort`, which ends the turn; or `approvedPrefix`, which approves a command and
 * allows commands that begin with these words for good.
 */
export type ApprovalDecision =
  | "approved"
  | "approved_for_session"
  | "denied"
  | "dismissed"
  | "abort"
  | { readonly approvedPrefix: readonly string[] };

/**
 * Asks a person. The signal is aborted when no decision is needed any more. Rejecting, or returning anything else, denies.
 */
export type OnApproval = (
  request: ApprovalRequest,
  options: { readonly signal: AbortSignal },
) => ApprovalDecision | Promise<ApprovalDecision>;
