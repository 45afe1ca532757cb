import type {
  AgentStatus,
  EventMsg,
  JsonValue,
  ResponseItem,
  TokenUsage,
} from "@codex-ts/protocol";
import type { CodeCellResponse, CollabToolEvent } from "@codex-ts/rollout-trace/recorder";
import type { AgentMail } from "../agents/mailbox.ts";
import type { ApprovalDecision, ApprovalRequest } from "../approvals/approval-request.ts";
import type { CompactionDetails } from "../metadata/metadata-snapshot.ts";
import type { RecordedContext } from "./recorded-context.ts";
import type { ReviewOutput } from "../review/review-output.ts";
import type { ReviewTarget } from "../review/review-target.ts";
import type { InferenceIdentity, InferenceSummary, TurnFailure } from "./turn-event.ts";

/** The events of Codex's protocol that a thread of this package emits. */
type CodexMsg = Extract<
  EventMsg,
  {
    readonly type:
      | "session_configured"
      | "task_started"
      | "task_complete"
      | "turn_aborted"
      | "raw_response_item"
      | "item_started"
      | "item_completed"
      | "agent_message_content_delta"
      | "reasoning_content_delta"
      | "reasoning_raw_content_delta"
      | "agent_reasoning_section_break"
      | "exec_command_begin"
      | "exec_command_output_delta"
      | "exec_command_end"
      | "terminal_interaction"
      | "exec_approval_request"
      | "apply_patch_approval_request"
      | "patch_apply_begin"
      | "patch_apply_end"
      | "mcp_tool_call_begin"
      | "mcp_tool_call_end"
      | "turn_diff"
      | "plan_update"
      | "sub_agent_activity"
      | "token_count"
      | "model_reroute"
      | "thread_rolled_back"
      | "stream_error"
      | "warning"
      | "error"
      | "shutdown_complete";
  }
>;

/** Codex has no event for the attempts of a request; these two are this package's own and leave it as `TurnEvent`s. */
type InferenceMsg =
  | { readonly type: "inference_started"; readonly inference: InferenceIdentity }
  | { readonly type: "inference_finished"; readonly inference: InferenceSummary };

/** Moments that Codex writes to its session file and has no event for; they are this package's own as well. */
type SessionMsg =
  | {
      /**
       * The model knows the surroundings of a turn, as far as they are new to it: once per turn, and again when in the
       * middle of it a compaction has put the whole context into the new history, or its tools have changed.
       */
      readonly type: "context_recorded";
      readonly context: RecordedContext;
      /** Whether the whole initial context stands in history since the last of these events; else what differs. */
      readonly isWhole: boolean;
    }
  | {
      /** A compaction begins. Its end is `compaction_installed`, or the end of its turn. */
      readonly type: "compaction_started";
      readonly compactionId: string;
      /** Whether the model sums up, or the server compacts, by its endpoint or by an item of a request. */
      readonly way: "local" | "remote_v1" | "remote_v2";
      readonly trigger: CompactionDetails["trigger"];
      readonly reason: CompactionDetails["reason"];
      readonly phase: CompactionDetails["phase"];
    }
  | {
      readonly type: "compaction_installed";
      readonly compactionId: string;
      readonly compaction: InstalledCompaction;
    };

/** Moments of code cells, which Codex has no events for either; `cell_id` is the id the model knows the cell by. */
type CodeCellMsg =
  | {
      readonly type: "code_cell_started";
      readonly cell_id: string;
      /** The trace's id of the `exec` call. */
      readonly call_id: string;
      /** As it is run. */
      readonly source: string;
    }
  | {
      /** A `wait` call has found its cell. */
      readonly type: "code_cell_waited";
      readonly cell_id: string;
      /** The trace's id of the `wait` call. */
      readonly call_id: string;
    }
  | {
      /** A cell reports: for the first time, or its end. */
      readonly type: "code_cell_responded";
      readonly cell_id: string;
      readonly is_first: boolean;
      readonly response: CodeCellResponse;
    };

/** How the servers of a thread start, in the form of Codex's events. */
type McpMsg =
  | {
      readonly type: "mcp_startup_update";
      readonly server: string;
      readonly status:
        | { readonly state: "starting" | "ready" }
        | { readonly state: "failed"; readonly error: string };
    }
  | {
      /** Every server has started or failed; without those that are switched off. */
      readonly type: "mcp_startup_complete";
      readonly ready: readonly string[];
      readonly failed: readonly { readonly server: string; readonly error: string }[];
      readonly cancelled: readonly string[];
    };

/** Moments of a review; its turn begins with the first of them in the place of `task_started`. */
type ReviewMsg =
  | {
      readonly type: "review_entered";
      /** UUIDv7. */
      readonly id: string;
      readonly turn_id: string;
      /** Unix seconds. */
      readonly started_at: number;
      readonly target: ReviewTarget;
      /** The target in a few words, for people. */
      readonly hint: string;
    }
  | {
      /** The reviewer does something; the event is one of its thread. */
      readonly type: "reviewer_event";
      /** Thread of the reviewer. */
      readonly thread_id: string;
      readonly event: ThreadEvent;
    }
  | {
      readonly type: "review_exited";
      /** UUIDv7. */
      readonly id: string;
      /** `null`: the review was stopped, or failed. */
      readonly output: ReviewOutput | null;
    };

/** Questions to the user that Codex has no event for, and the end of every question. */
type ApprovalMsg =
  | {
      readonly type: "mcp_tool_approval_request";
      readonly call_id: string;
      readonly server: string;
      readonly tool: string;
      readonly arguments: JsonValue;
    }
  | {
      /** A call waits no longer; what a denied one shows of its end comes before. */
      readonly type: "approval_resolved";
      readonly call_id: string;
      /** `left`: the turn was left before there was a decision. */
      readonly decision: ApprovalDecision | "left";
    };

/** Calls of tools for agents, and how a turn of an agent reached its parent. */
type AgentMsg =
  | CollabToolEvent
  | {
      /** Emitted in the thread of the agent. */
      readonly type: "agent_result";
      readonly child_turn_id: string;
      readonly child_agent_path: string;
      readonly parent_thread_id: string;
      /** As the parent reads it. */
      readonly message: string;
      readonly status: AgentStatus;
    };

/** Compacted history has taken the place of what was there. */
export interface InstalledCompaction {
  /** Text the model reads in place of the past: prefix and summary of a local compaction, `""` of a remote one. */
  readonly message: string;
  /** The new history, as it is kept. */
  readonly replacementHistory: readonly ResponseItem[];
  /** 1, 2, 3…: the window that begins. */
  readonly windowNumber: number;
  /** UUIDv7 of the context window that begins, and of the one before. */
  readonly contextWindowId: string;
  readonly previousContextWindowId: string;
  /** `response.id` of the response that compacted; `undefined` when it had none, as in remote compaction v1. */
  readonly responseId: string | undefined;
}

/** The message of a moment: an event of Codex's protocol, or one of this package's own. */
export type ThreadMsg =
  | CodexMsg
  | InferenceMsg
  | SessionMsg
  | CodeCellMsg
  | McpMsg
  | ApprovalMsg
  | AgentMsg
  | ReviewMsg;

/** Facts of a moment that Codex's event has no member for. */
interface ThreadEventFacts {
  readonly task_started: {
    /** Turn of the root thread that caused this one; the turn itself for a root thread. */
    readonly rootTurnId: string;
    /** Turn of the parent thread that caused this one. */
    readonly parentTurnId: string | undefined;
    /** The cause of the turn, e.g. `exec`. */
    readonly turnTrigger: string | undefined;
    /** Path of the agent whose message began the turn. */
    readonly initiatingAgentPath: string | undefined;
  };
  readonly task_complete: {
    /** Sum over the thread so far. */
    readonly usage: TokenUsage;
    /** Present when the turn failed. */
    readonly failure: TurnFailure | undefined;
  };
  readonly raw_response_item: {
    /** The item as history keeps it; `undefined` when it was not kept. */
    readonly stored: ResponseItem | undefined;
    /** Whether a model produced it: then the event's item is the object its response had. */
    readonly isOfResponse: boolean;
    /** Whether clients are shown it: what a model says, but not its summary of the past. */
    readonly isShown: boolean;
    /** The trace's id of the call that an output belongs to. */
    readonly toolCallId: string | undefined;
    /** Where the image that the item is has been kept. */
    readonly savedPath: string | undefined;
    /** The message of another agent that the item is. */
    readonly mail: AgentMail | undefined;
  };
  /** `itemId`: the item among those of the thread; the event has the id the response gave it. */
  readonly agent_message_content_delta: { readonly itemId: string };
  readonly reasoning_content_delta: { readonly itemId: string };
  readonly reasoning_raw_content_delta: { readonly itemId: string };
  /** Absent where the event's item has no other id. */
  readonly item_started: { readonly itemId: string } | undefined;
  readonly item_completed: { readonly itemId: string } | undefined;
  /** `itemId`: the call as an item of the turn. */
  readonly collab_agent_spawn_begin: { readonly itemId: string };
  readonly collab_agent_spawn_end: { readonly itemId: string };
  readonly collab_agent_interaction_begin: { readonly itemId: string };
  readonly collab_agent_interaction_end: { readonly itemId: string };
  readonly collab_waiting_begin: { readonly itemId: string };
  readonly collab_waiting_end: { readonly itemId: string };
  readonly collab_close_begin: { readonly itemId: string };
  readonly collab_close_end: { readonly itemId: string };
  /** `itemId`: the command as an item of the turn. */
  readonly exec_command_begin: { readonly itemId: string };
  readonly exec_command_output_delta: { readonly itemId: string };
  readonly exec_command_end: { readonly itemId: string };
  /** The question as the application reads it. */
  readonly exec_approval_request: { readonly request: ApprovalRequest };
  readonly apply_patch_approval_request: { readonly request: ApprovalRequest };
  readonly mcp_tool_approval_request: { readonly request: ApprovalRequest };
  /** `itemId`: the patch as an item of the turn. */
  readonly patch_apply_begin: { readonly itemId: string };
  readonly patch_apply_end: { readonly itemId: string };
  /** `itemId`: the call as an item of the turn; `readOnlyHint`: as the tool says of itself. Unix milliseconds. */
  readonly mcp_tool_call_begin: {
    readonly itemId: string;
    readonly readOnlyHint: boolean | undefined;
    readonly startedMs: number;
  };
  readonly mcp_tool_call_end: {
    readonly itemId: string;
    readonly readOnlyHint: boolean | undefined;
    readonly startedMs: number;
    readonly endedMs: number;
  };
  /** `itemId`: the plan as an item of the turn, when it is the turn's first. */
  readonly plan_update: { readonly itemId: string };
  /** `toolCallId`: the trace's id of the call that types; the event names the call that is typed to. */
  readonly terminal_interaction: { readonly toolCallId: string };
  readonly stream_error: { readonly delayMs: number };
}

type FactsOf<Type extends string> = Type extends keyof ThreadEventFacts
  ? ThreadEventFacts[Type]
  : undefined;

/**
 * One moment of a thread. It is emitted once, where it happens; the trace, the `TurnEvent`s of the library and
 * everything else shows a thread are projections of it.
 */
export type ThreadEvent = {
  readonly [Type in ThreadMsg["type"]]: {
    readonly type: Type;
    /** `undefined` for events of the thread as a whole. */
    readonly turnId: string | undefined;
    /** The event in the form of Codex's protocol. */
    readonly msg: Extract<ThreadMsg, { readonly type: Type }>;
    readonly facts: FactsOf<Type>;
  };
}[ThreadMsg["type"]];

/** Emits one moment: the message, and its facts where its type has some. */
export type Emit = <Msg extends ThreadMsg>(
  msg: Msg,
  ...facts: FactsOf<Msg["type"]> extends undefined
    ? readonly []
    : undefined extends FactsOf<Msg["type"]>
      ? readonly [facts?: FactsOf<Msg["type"]>]
      : readonly [facts: FactsOf<Msg["type"]>]
) => void;
