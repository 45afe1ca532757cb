// Every line here is public API: adding one needs a changeset.
export { isJsonObject } from "./json.ts";

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
export type { SessionId, ThreadId, TurnId, WindowId } from "./ids.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export type {
  CreditsSnapshot,
  RateLimitReachedType,
  RateLimitSnapshot,
  RateLimitWindow,
  SpendControlLimitSnapshot,
} from "./rate-limits.ts";
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
export type {
  ReasoningRequest,
  ResponseCreateFrame,
  ResponsesRequest,
  TextRequest,
} from "./responses-request.ts";
export type { SessionSource, SubAgentSource } from "./session-source.ts";
export type { TokenUsage } from "./token-usage.ts";
