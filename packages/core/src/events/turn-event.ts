import type { NetworkErrorReason } from "@codex-ts/api";
import type {
  AgentStatus,
  FunctionCallOutputContentItem,
  JsonValue,
  RateLimitSnapshot,
  ResponseItem,
  TokenUsage,
  TokenUsageInfo,
  WebSearchAction,
} from "@codex-ts/protocol";
import type { ApprovalDecision, ApprovalRequest } from "../approvals/approval-request.ts";
import type { CompactionDetails } from "../metadata/metadata-snapshot.ts";
import type { ReviewOutput } from "../review/review-output.ts";

/** Something a client of a turn can see, in order. Plain data; rendering is the client's. */
export type TurnEvent =
  | { readonly type: "turnStarted"; readonly turnId: string }
  | { readonly type: "itemStarted"; readonly item: TurnItem }
  | { readonly type: "itemUpdated"; readonly item: TurnItem }
  | { readonly type: "itemCompleted"; readonly item: TurnItem }
  | { readonly type: "agentMessageDelta"; readonly itemId: string; readonly delta: string }
  | { readonly type: "reasoningDelta"; readonly itemId: string; readonly delta: string }
  | { readonly type: "commandOutputDelta"; readonly itemId: string; readonly chunk: string }
  | { readonly type: "inferenceStarted"; readonly inference: InferenceIdentity }
  | { readonly type: "inferenceFinished"; readonly inference: InferenceSummary }
  | {
      /** A history item as the model sees it. */ readonly type: "rawItem";
      readonly item: ResponseItem;
    }
  | {
      /** A stream broke and is tried again: `message` is `Reconnecting... n/max`, `details` the cause. */
      readonly type: "streamRetry";
      readonly message: string;
      readonly details: string;
      readonly delayMs: number;
    }
  | {
      /** After each response that reported them, broken ones too; before the failure, for a usage limit. */
      readonly type: "tokenCount";
      /** Usage of the thread; `null` before the first response that reported any. */
      readonly info: TokenUsageInfo | null;
      /** The limits of the account as last heard of; `null` when the server never mentioned them. */
      readonly rateLimits: RateLimitSnapshot | null;
    }
  | {
      /** The history is being compacted. What follows is `compactionInstalled`, or the end of the turn. */
      readonly type: "compactionStarted";
      readonly compactionId: string;
      /** Whether the model sums up, or the server compacts, by its endpoint or by an item of a request. */
      readonly way: "local" | "remote_v1" | "remote_v2";
      readonly trigger: "auto" | "manual";
      readonly reason: CompactionDetails["reason"];
      /** Before the turn's input, between two of its requests, or as a turn of its own. */
      readonly phase: CompactionDetails["phase"];
    }
  | {
      /** Compacted history has taken the place of what was there. */
      readonly type: "compactionInstalled";
      readonly compactionId: string;
      /** 1, 2, 3…: the window that begins. */
      readonly windowNumber: number;
      /** The text the model reads in the place of the past; `""` when only the server can read it. */
      readonly message: string;
      /** The new history. */
      readonly replacementHistory: readonly ResponseItem[];
    }
  | {
      /** A review has ended; a message with the same as text follows. */
      readonly type: "reviewCompleted";
      /** `null`: it was stopped, or failed. */
      readonly output: ReviewOutput | null;
    }
  | {
      /** An event of an agent that was started by this thread, or by one of its agents. */
      readonly type: "agentEvent";
      readonly agent: AgentIdentity;
      /** The turn of the agent that the event belongs to. */
      readonly turnId: string;
      readonly event: Exclude<TurnEvent, { readonly type: "agentEvent" }>;
    }
  | {
      /** A call waits for a decision of `onApproval`. */
      readonly type: "approvalRequested";
      readonly request: ApprovalRequest;
    }
  | {
      /** The call of a question waits no longer: it was decided about, or the turn was `left` before. */
      readonly type: "approvalResolved";
      readonly callId: string;
      readonly decision: ApprovalDecision | "left";
    }
  | { readonly type: "warning"; readonly message: string }
  | {
      readonly type: "turnCompleted";
      readonly turnId: string;
      /** Sum over the thread so far. */
      readonly usage: TokenUsage;
      readonly lastAgentMessage: string | null;
    }
  | { readonly type: "turnFailed"; readonly turnId: string; readonly error: TurnFailure }
  | { readonly type: "turnAborted"; readonly turnId: string };

/** An event of an agent, with whose it is. */
export type AgentEvent = Extract<TurnEvent, { readonly type: "agentEvent" }>;

/** Who an agent is. */
export interface AgentIdentity {
  /** UUIDv7. */
  readonly threadId: string;
  /** Thread that started it. */
  readonly parentThreadId: string;
  /** `/root/<name>`…; `null` for agents that are called by their id (`v1`). */
  readonly path: string | null;
  /** A name for people. */
  readonly nickname: string | null;
  /** 1 for an agent of the thread itself. */
  readonly depth: number;
}

/** Why a turn failed: `code` for programs, `message` for people. */
export interface TurnFailure {
  readonly code: string;
  readonly message: string;
  /** HTTP status where the failure had one. */
  readonly status?: number;
  readonly upstreamRequestId?: string;
  /** `response.id` of the response that failed, once the server had named it. */
  readonly responseId?: string;
  /**
   * The server's own message about the failure, often a part of `message` already: one line, at most 1000 characters,
   * without control characters and credentials.
   */
  readonly serverMessage?: string;
  /** Why no API was reached, when that is the failure. */
  readonly unreachable?: Unreachable;
}

/** Why no API was reached: no connection could be made, or a `website` responded with a page. */
export type Unreachable = Exclude<NetworkErrorReason, "other"> | "website";

/** Which attempt to get a response. */
export interface InferenceIdentity {
  /** 1, 2, 3… within the thread; a retry is a new one. */
  readonly ordinal: number;
  /** Joins with the trace and, later, the wire log; `undefined` when tracing is off. */
  readonly inferenceCallId: string | undefined;
  readonly model: string;
}

/** One attempt to get a response, after its end, with both ids. */
export interface InferenceSummary extends InferenceIdentity {
  readonly status: "completed" | "failed" | "cancelled";
  /** The Responses API's `response.id`; known only when the response completed. */
  readonly responseId: string | undefined;
  /** `x-request-id` of the HTTP response, also of one that reports an error. */
  readonly upstreamRequestId: string | undefined;
  readonly usage: TokenUsage | undefined;
  /** From sending to the first delta or item; `undefined` when none came. */
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  /** Names of the tools called, in call order. */
  readonly toolCalls: readonly string[];
  /** Text of the failure. */
  readonly error: string | undefined;
}

/**
 * Items that a turn shows: those of `codex exec --json` (docs/behavior/core.md 6.1), and calls of tools made by
 * `defineTool`. Codex's `exec` has no item for those; theirs is its app server's `dynamicToolCall`, spelled like the
 * others here.
 */
export type TurnItem =
  | { readonly id: string; readonly type: "agent_message"; readonly text: string }
  | { readonly id: string; readonly type: "reasoning"; readonly text: string }
  | {
      readonly id: string;
      readonly type: "command_execution";
      /** Shell-quoted: `/bin/bash -lc '…'`. */
      readonly command: string;
      readonly aggregated_output: string;
      readonly exit_code: number | null;
      readonly status: "in_progress" | "completed" | "failed" | "declined";
    }
  | {
      readonly id: string;
      readonly type: "file_change";
      /** Absolute paths, sorted; of a file that moves the old one. */
      readonly changes: readonly {
        readonly path: string;
        readonly kind: "add" | "delete" | "update";
      }[];
      /** A patch that failed changed nothing. */
      readonly status: "in_progress" | "completed" | "failed";
    }
  | {
      readonly id: string;
      readonly type: "dynamic_tool_call";
      /** Name of the tool. */
      readonly tool: string;
      /** As the model wrote them. */
      readonly arguments: JsonValue;
      /** The output the model reads, also after a failure; `null` while the tool runs. */
      readonly content_items: readonly FunctionCallOutputContentItem[] | null;
      readonly status: "in_progress" | "completed" | "failed";
    }
  | {
      /** A call of a tool of an MCP server; `codex` is the server of a list of all resources. */
      readonly id: string;
      readonly type: "mcp_tool_call";
      readonly server: string;
      /** Name of the tool, as the server has it. */
      readonly tool: string;
      /** As the model wrote them. */
      readonly arguments: JsonValue;
      /** The result in the server's spelling; `null` while the tool runs, and when it failed to. */
      readonly result: {
        readonly content: readonly JsonValue[];
        readonly _meta?: JsonValue;
        readonly structured_content: JsonValue;
      } | null;
      /** Why there is no result. */
      readonly error: { readonly message: string } | null;
      /** `failed` also for a result that says so of itself. */
      readonly status: "in_progress" | "completed" | "failed";
    }
  | {
      /** A search of the server, or a page it has looked at; `id` is the response's. */
      readonly id: string;
      readonly type: "web_search";
      /** The search in one line; `""` while it is not known. */
      readonly query: string;
      readonly action: WebSearchAction;
    }
  | {
      /** The plan of the turn: it begins with its first form, is updated, and ends with the turn. */
      readonly id: string;
      readonly type: "todo_list";
      readonly items: readonly { readonly text: string; readonly completed: boolean }[];
    }
  | {
      /** A call of a tool for agents: in `v2` only waiting for them is shown. */
      readonly id: string;
      readonly type: "collab_tool_call";
      readonly tool: "spawn_agent" | "send_input" | "wait" | "close_agent";
      readonly sender_thread_id: string;
      readonly receiver_thread_ids: readonly string[];
      /** Task of the agent, or what it is to know. */
      readonly prompt: string | null;
      /** Of each receiver the id of its thread and how it is doing. */
      readonly agents_states: Readonly<Record<string, AgentState>>;
      readonly status: "in_progress" | "completed" | "failed";
    }
  | { readonly id: string; readonly type: "error"; readonly message: string };

/** How an agent is doing, as an item of a turn shows it. */
export interface AgentState {
  readonly status: Extract<AgentStatus, string> | "completed" | "errored";
  /** Its last message, or why it failed. */
  readonly message: string | null;
}
