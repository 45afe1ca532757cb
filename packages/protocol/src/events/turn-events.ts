import type { CodexErrorInfo } from "../codex-error-info.ts";
import { codexErrorInfoCodec } from "../codex-error-info.ts";
import { anyJson, integer, listOf, oneOf, openText, text } from "../internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "../internal/object-codec.ts";
import type { Variants } from "../internal/union-codec.ts";
import type { JsonValue } from "../json.ts";
import type { ApprovalsReviewer, AskForApproval } from "../policies.ts";
import { approvalsReviewerCodec, askForApprovalCodec } from "../policies.ts";
import type { RateLimitSnapshot } from "../rate-limits.ts";
import { rateLimitSnapshotCodec } from "../rate-limits.ts";
import type { ModeKind, ReasoningEffort } from "../reasoning.ts";
import { modeKindCodec, reasoningEffortCodec } from "../reasoning.ts";
import type { ThreadSource } from "../session-source.ts";
import type { TokenUsageInfo } from "../token-usage.ts";
import { tokenUsageInfoCodec } from "../token-usage.ts";

/** Events about a session and its turns as a whole. */
export type TurnEventMsg =
  | SessionConfiguredEvent
  | TaskStartedEvent
  | TaskCompleteEvent
  | TurnAbortedEvent
  | TokenCountEvent
  | ModelRerouteEvent
  | { readonly type: "model_verification"; readonly verifications: readonly string[] }
  | { readonly type: "turn_moderation_metadata"; readonly metadata: JsonValue }
  | { readonly type: "warning"; readonly message: string }
  | ErrorEvent
  | StreamErrorEvent
  | { readonly type: "context_compacted" }
  | { readonly type: "thread_rolled_back"; readonly num_turns: number }
  | { readonly type: "shutdown_complete" };

/** First event of a thread: the settings it runs with. */
export interface SessionConfiguredEvent {
  readonly type: "session_configured";
  readonly session_id: string;
  /** Older payloads lack it; it is the session id then. */
  readonly thread_id: string;
  readonly forked_from_id?: string;
  readonly parent_thread_id?: string;
  readonly thread_source?: ThreadSource;
  readonly thread_name?: string;
  readonly model: string;
  readonly model_provider_id: string;
  readonly service_tier?: string;
  readonly approval_policy: AskForApproval;
  readonly approvals_reviewer: ApprovalsReviewer;
  readonly permission_profile: JsonValue;
  readonly active_permission_profile?: JsonValue;
  readonly cwd: string;
  readonly reasoning_effort?: ReasoningEffort;
  /** Events of a resumed thread, each to be read with `readEventMsg`. */
  readonly initial_messages?: readonly JsonValue[];
  readonly network_proxy?: JsonValue;
  readonly rollout_path?: string;
}

/** A turn began. `turn_started` is an accepted name, too. */
export interface TaskStartedEvent {
  readonly type: "task_started";
  /** 0.169 and later: what set the turn going. */
  readonly turn_attribution?: JsonValue;
  readonly turn_id: string;
  /** 0.169 and later: the turn of the root thread this one works for. */
  readonly root_turn_id?: string;
  readonly trace_id?: string;
  /** Unix seconds. */
  readonly started_at?: number;
  /** Tokens. */
  readonly model_context_window: number | null;
  readonly collaboration_mode_kind: ModeKind;
}

/** A turn ended by itself, well or not. `turn_complete` is an accepted name, too. */
export interface TaskCompleteEvent {
  readonly type: "task_complete";
  /** 0.169 and later. */
  readonly root_turn_id?: string;
  readonly turn_id: string;
  readonly last_agent_message: string | null;
  /** 0.169 and later: why the turn failed. */
  readonly error?: TurnError;
  /** Unix seconds; 0.169 and later. */
  readonly started_at?: number;
  /** Unix seconds. */
  readonly completed_at?: number;
  readonly duration_ms?: number;
  readonly time_to_first_token_ms?: number;
}

/** Why a turn failed: the members of its `error` event. */
export interface TurnError {
  readonly message: string;
  readonly codex_error_info: CodexErrorInfo | null;
}

/** A turn was ended by someone. */
export interface TurnAbortedEvent {
  readonly type: "turn_aborted";
  /** 0.169 and later. */
  readonly root_turn_id?: string;
  readonly turn_id: string | null;
  readonly reason: "interrupted" | "replaced" | "review_ended" | "budget_limited";
  /** Unix seconds; 0.169 and later. */
  readonly started_at?: number;
  /** Unix seconds. */
  readonly completed_at?: number;
  readonly duration_ms?: number;
}

/** Usage and limits after a response, or limits alone. */
export interface TokenCountEvent {
  readonly type: "token_count";
  readonly info: TokenUsageInfo | null;
  readonly rate_limits: RateLimitSnapshot | null;
}

/** The server used another model than the one requested. */
export interface ModelRerouteEvent {
  readonly type: "model_reroute";
  readonly from_model: string;
  readonly to_model: string;
  readonly reason: "high_risk_cyber_activity" | (string & {});
}

/** Something failed for good. */
export interface ErrorEvent extends TurnError {
  readonly type: "error";
}

/** A stream broke and is tried again: the message is `Reconnecting... n/max`. */
export interface StreamErrorEvent {
  readonly type: "stream_error";
  readonly message: string;
  readonly codex_error_info: CodexErrorInfo | null;
  /** The cause. */
  readonly additional_details: string | null;
}

const turnError = { message: required(text), codex_error_info: nullable(codexErrorInfoCodec) };

export const turnEventVariants: Variants<TurnEventMsg> = {
  session_configured: {
    session_id: required(text),
    thread_id: required(text),
    forked_from_id: optional(text),
    parent_thread_id: optional(text),
    thread_source: optional(openText<ThreadSource>()),
    thread_name: optional(text),
    model: required(text),
    model_provider_id: required(text),
    service_tier: optional(text),
    approval_policy: required(askForApprovalCodec),
    approvals_reviewer: withDefault<ApprovalsReviewer>(approvalsReviewerCodec, "user"),
    permission_profile: required(anyJson),
    active_permission_profile: optional(anyJson),
    cwd: required(text),
    reasoning_effort: optional(reasoningEffortCodec),
    initial_messages: optional(listOf(anyJson)),
    network_proxy: optional(anyJson),
    rollout_path: optional(text),
  },
  task_started: {
    turn_attribution: optional(anyJson),
    turn_id: required(text),
    root_turn_id: optional(text),
    trace_id: optional(text),
    started_at: optional(integer),
    model_context_window: nullable(integer),
    collaboration_mode_kind: withDefault<ModeKind>(modeKindCodec, "default"),
  },
  task_complete: {
    root_turn_id: optional(text),
    turn_id: required(text),
    last_agent_message: nullable(text),
    error: optional(objectOf<TurnError>(turnError)),
    started_at: optional(integer),
    completed_at: optional(integer),
    duration_ms: optional(integer),
    time_to_first_token_ms: optional(integer),
  },
  turn_aborted: {
    root_turn_id: optional(text),
    turn_id: nullable(text),
    reason: required(oneOf(["interrupted", "replaced", "review_ended", "budget_limited"])),
    started_at: optional(integer),
    completed_at: optional(integer),
    duration_ms: optional(integer),
  },
  token_count: {
    info: nullable(tokenUsageInfoCodec),
    rate_limits: nullable(rateLimitSnapshotCodec),
  },
  model_reroute: {
    from_model: required(text),
    to_model: required(text),
    reason: required(openText<ModelRerouteEvent["reason"]>()),
  },
  model_verification: { verifications: required(listOf(text)) },
  turn_moderation_metadata: { metadata: required(anyJson) },
  warning: { message: required(text) },
  error: turnError,
  stream_error: {
    message: required(text),
    codex_error_info: nullable(codexErrorInfoCodec),
    additional_details: nullable(text),
  },
  context_compacted: {},
  thread_rolled_back: { num_turns: required(integer) },
  shutdown_complete: {},
};
