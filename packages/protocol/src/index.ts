// Every line here is public API: adding one needs a changeset.
export {
  agentName,
  joinAgentPath,
  parseAgentPath,
  resolveAgentPath,
  ROOT_AGENT_PATH,
} from "./agent-path.ts";
export { isHumanChatGptAccount, readAuthMode, telemetryAuthMode } from "./auth-mode.ts";
export { callToolResultOutput, readCallToolResult } from "./call-tool-result.ts";
export { codexErrorText } from "./codex-error-text.ts";
export { httpStatusOf, isRetryable, retryNoticeInfo, toCodexErrorInfo } from "./codex-error.ts";
export { marksTurnFailed, readCodexErrorInfo, toWireCodexErrorInfo } from "./codex-error-info.ts";
export { functionCallOutputText } from "./content-item.ts";
export { ProtocolError } from "./errors.ts";
export { readEventMsg, readSessionEvent, toWireEventMsg } from "./events/event-msg.ts";
export { decodeOutputChunk, encodeOutputChunk } from "./events/exec-events.ts";
export { readPlanUpdate } from "./events/tool-events.ts";
export { httpStatusText } from "./http-status-text.ts";
export {
  newThreadId,
  newTurnId,
  parseThreadId,
  parseWindowId,
  toSessionId,
  toThreadId,
  toWindowId,
} from "./ids.ts";
export { isJsonObject } from "./json.ts";
export { readModelInfo, toWireModelInfo } from "./model-info.ts";
export { modelInstructions, supportsPersonality } from "./model-instructions.ts";
export {
  autoCompactTokenLimit,
  contextWindowTokens,
  effectiveContextWindowTokens,
} from "./model-limits.ts";
export { toModelPresets } from "./model-preset.ts";
export { isWorkspacePlan, readPlanType } from "./plan-type.ts";
export {
  readAgentStatus,
  readApprovalsReviewer,
  readAskForApproval,
  readSandboxPolicy,
  toWireSandboxPolicy,
} from "./policies.ts";
export {
  readRateLimitReachedType,
  readRateLimitSnapshot,
  toWireRateLimitSnapshot,
} from "./rate-limits.ts";
export { DEFAULT_REASONING_EFFORT, parseReasoningEffort, readModeKind } from "./reasoning.ts";
export {
  readResponseItem,
  toRawItem,
  toTraceItem,
  toWireItem,
  withItemId,
} from "./response-item-wire.ts";
export { readRolloutLine, toWireRolloutLine } from "./rollout-line.ts";
export { serviceTierForRequest, STANDARD_SERVICE_TIER, toServiceTierId } from "./service-tier.ts";
export {
  isNonRootAgent,
  parentThreadId,
  parseSessionSource,
  readSessionSource,
  sessionSourceText,
  subagentHeaderValue,
  subagentKind,
  toWireSessionSource,
} from "./session-source.ts";
export {
  addTokenUsage,
  appendTokenUsage,
  blendedTotalTokens,
  contextWindowPercentLeft,
  EMPTY_TOKEN_USAGE,
  fillContextWindow,
  nonCachedInputTokens,
  readResponseUsage,
  readTokenUsage,
  readTokenUsageInfo,
} from "./token-usage.ts";
export { toolNameText } from "./tool-name.ts";
export { usageLimitText } from "./usage-limit-text.ts";
export { MAX_USER_TEXT_LENGTH, readUserInput, toUserMessage } from "./user-input.ts";
export { shortenErrorText } from "./utf8-text.ts";
export { createUuidV7Generator, newUuidV4, newUuidV7 } from "./uuid.ts";

export type { AgentPath } from "./agent-path.ts";
export type { AuthMode } from "./auth-mode.ts";
export type { Compatibility } from "./compatibility.ts";
export type { CallToolResult } from "./call-tool-result.ts";
export type {
  CodexErrorKind,
  ErrorPolicy,
  StreamErrorKind,
  UnexpectedStatusKind,
  UsageLimitReachedKind,
} from "./codex-error.ts";
export type { CodexErrorInfo, HttpStatusInfo } from "./codex-error-info.ts";
export type {
  AgentMessageContent,
  ContentItem,
  FunctionCallOutput,
  FunctionCallOutputContentItem,
  ImageDetail,
  MessagePhase,
  ReasoningContentPart,
  ReasoningSummaryPart,
} from "./content-item.ts";
export type { ProtocolErrorCode } from "./errors.ts";
export type { EventMsg, OtherEvent, SessionEvent } from "./events/event-msg.ts";
export type {
  ExecApprovalRequestEvent,
  ExecCommandBeginEvent,
  ExecCommandEndEvent,
  ExecCommandOutputDeltaEvent,
  ExecCommandSource,
  ExecEventMsg,
  ParsedCommand,
  TerminalInteractionEvent,
  WireDuration,
} from "./events/exec-events.ts";
export type {
  AgentMessageEvent,
  DeltaEvent,
  ItemCompletedEvent,
  ItemStartedEvent,
  MessageEventMsg,
  UserMessageEvent,
} from "./events/message-events.ts";
export type {
  ApplyPatchApprovalRequestEvent,
  FileChange,
  FileChanges,
  ImageGenerationEndEvent,
  McpInvocation,
  McpToolCallBeginEvent,
  McpToolCallEndEvent,
  PatchApplyBeginEvent,
  PatchApplyEndEvent,
  PlanStep,
  PlanUpdate,
  SubAgentActivityEvent,
  ToolEventMsg,
} from "./events/tool-events.ts";
export type {
  ErrorEvent,
  ModelRerouteEvent,
  SessionConfiguredEvent,
  StreamErrorEvent,
  TaskCompleteEvent,
  TaskStartedEvent,
  TokenCountEvent,
  TurnAbortedEvent,
  TurnError,
  TurnEventMsg,
} from "./events/turn-events.ts";
export type {
  AgentMessageText,
  DynamicToolCallItem,
  DynamicToolContent,
  ImageDetails,
  OtherDynamicToolContent,
  OtherTurnItem,
  TurnItem,
} from "./events/turn-item.ts";
export type { SessionId, ThreadId, TurnId, WindowId } from "./ids.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export type {
  ModelInfo,
  ModelMessages,
  ModelUpgrade,
  ReasoningEffortPreset,
  TruncationPolicy,
} from "./model-info.ts";
export type { ModelPreset, ModelPresetOptions } from "./model-preset.ts";
export type { KnownPlanType, PlanType } from "./plan-type.ts";
export type {
  AgentStatus,
  ApprovalsReviewer,
  AskForApproval,
  BaseInstructions,
  GranularApproval,
  ReviewDecision,
  SandboxMode,
  SandboxPolicy,
  W3cTraceContext,
} from "./policies.ts";
export type {
  CreditsSnapshot,
  RateLimitReachedType,
  RateLimitSnapshot,
  RateLimitWindow,
  SpendControlLimitSnapshot,
} from "./rate-limits.ts";
export type {
  ModeKind,
  Personality,
  ReasoningContext,
  ReasoningEffort,
  ReasoningSummary,
  Verbosity,
} from "./reasoning.ts";
export type { ResponseEvent } from "./response-event.ts";
export type {
  AgentMessageItem,
  CompactionItem,
  CompactionTriggerItem,
  AdditionalToolsItem,
  ContextCompactionItem,
  CustomToolCallItem,
  CustomToolCallOutputItem,
  FunctionCallItem,
  FunctionCallOutputItem,
  ImageGenerationCallItem,
  LocalShellCallItem,
  MessageItem,
  OtherItem,
  ReasoningItem,
  ResponseItem,
  ToolSearchCallItem,
  ToolSearchOutputItem,
  WebSearchAction,
  WebSearchCallItem,
} from "./response-item.ts";
export type { WireItemOptions } from "./response-item-wire.ts";
export type {
  ReasoningRequest,
  ResponseCreateFrame,
  ResponsesRequest,
  TextRequest,
} from "./responses-request.ts";
export type {
  CompactedEntry,
  RolloutEntry,
  RolloutLine,
  SessionMeta,
  TurnContext,
} from "./rollout-line.ts";
export type { ModelServiceTier } from "./service-tier.ts";
export type {
  MultiAgentVersion,
  SessionSource,
  SubagentSource,
  ThreadSource,
  ThreadSpawnSource,
} from "./session-source.ts";
export type { AppendTokenUsageOptions, TokenUsage, TokenUsageInfo } from "./token-usage.ts";
export type { ToolName } from "./tool-name.ts";
export type {
  AttemptEnded,
  AttemptError,
  AttemptRedirected,
  AttemptResponded,
  AttemptStarted,
  AttemptTimings,
  ConnectionClosed,
  ConnectionEnd,
  ConnectionOpened,
  RedactedHeaders,
  RequestBodyFacts,
  RetryDecision,
  StreamFrame,
  StreamPoll,
  StreamStall,
  Transport,
} from "./transport-attempt.ts";
export type { UsageLimitTextOptions } from "./usage-limit-text.ts";
export type { LocalImage, TextElement, UserInput, UserMessageOptions } from "./user-input.ts";
export type { UuidOptions } from "./uuid.ts";
