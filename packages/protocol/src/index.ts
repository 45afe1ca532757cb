// Every line here is public API: adding one needs a changeset.
export {
  agentName,
  joinAgentPath,
  parseAgentPath,
  resolveAgentPath,
  ROOT_AGENT_PATH,
} from "./agent-path.ts";
export { isHumanChatGptAccount, readAuthMode, telemetryAuthMode } from "./auth-mode.ts";
export { functionCallOutputText } from "./content-item.ts";
export { ProtocolError } from "./errors.ts";
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
  readRateLimitReachedType,
  readRateLimitSnapshot,
  toWireRateLimitSnapshot,
} from "./rate-limits.ts";
export { DEFAULT_REASONING_EFFORT, parseReasoningEffort, readModeKind } from "./reasoning.ts";
export { readResponseItem, toRawItem, toTraceItem, toWireItem } from "./response-item-wire.ts";
export { serviceTierForRequest, STANDARD_SERVICE_TIER, toServiceTierId } from "./service-tier.ts";
export {
  isNonRootAgent,
  parentThreadId,
  parseSessionSource,
  readSessionSource,
  sessionSourceText,
  subAgentHeaderValue,
  subAgentKind,
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
export { createUuidV7Generator, newUuidV4, newUuidV7 } from "./uuid.ts";

export type { AgentPath } from "./agent-path.ts";
export type { AuthMode } from "./auth-mode.ts";
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
export type { ModelServiceTier } from "./service-tier.ts";
export type {
  MultiAgentVersion,
  SessionSource,
  SubAgentSource,
  ThreadSource,
  ThreadSpawnSource,
} from "./session-source.ts";
export type { AppendTokenUsageOptions, TokenUsage, TokenUsageInfo } from "./token-usage.ts";
export type { ToolName } from "./tool-name.ts";
export type { UuidOptions } from "./uuid.ts";
