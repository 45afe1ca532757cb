// Every line here is public API: adding one needs a changeset.
export { ResponsesServerError } from "./errors.ts";
export {
  customToolCallInputDelta,
  functionCallArgumentsDelta,
  reasoningSummaryDelta,
  reasoningSummaryPartAdded,
  reasoningTextDelta,
  streamedCustomToolCall,
  streamedFunctionCall,
  streamedMessage,
  streamedReasoning,
  textDelta,
} from "./events/deltas.ts";
export {
  customToolCall,
  customToolCallItem,
  functionCall,
  functionCallItem,
  itemAdded,
  itemDone,
  message,
  messageItem,
  reasoning,
  reasoningItem,
} from "./events/items.ts";
export { completed, created, failed, incomplete, inProgress } from "./events/lifecycle.ts";
export {
  connectionLimitReached,
  metadata,
  rateLimits,
  wrappedError,
} from "./events/side-events.ts";
export {
  compactExchange,
  errorExchange,
  failedExchange,
  functionCallExchange,
  messageExchange,
  modelsExchange,
  streamExchange,
} from "./script/short-forms.ts";
export {
  bytes,
  close,
  comment,
  delay,
  disconnect,
  end,
  gate,
  hang,
  ping,
  rawEvent,
  reset,
  wireBytes,
} from "./script/step-builders.ts";
export { startResponsesServer } from "./start.ts";

export type { ResponsesServerErrorCode, ResponsesServerErrorOptions } from "./errors.ts";
export type { MessageItemOptions, ReasoningOptions } from "./events/items.ts";
export type {
  CompletedOptions,
  FailedOptions,
  LifecycleOptions,
  UsageInput,
} from "./events/lifecycle.ts";
export type { ServerEvent, ServerResponseObject, ServerUsage } from "./events/server-event.ts";
export type {
  ServerCustomToolCallItem,
  ServerFunctionCallItem,
  ServerItem,
  ServerItemStatus,
  ServerMessageItem,
  ServerReasoningItem,
  ServerTextPart,
} from "./events/server-item.ts";
export type {
  MetadataOptions,
  RateLimitsOptions,
  RateLimitWindowOptions,
  WrappedErrorOptions,
} from "./events/side-events.ts";
export type { PlayedExchange, PlayedExchangeState } from "./played-exchange.ts";
export type { HeaderPair, ReceivedRequest, UnexpectedRequest } from "./received-request.ts";
export type {
  ResponsesServer,
  ResponsesServerOptions,
  TlsOptions,
  WaitForRequestOptions,
  WaitOptions,
} from "./responses-server.ts";
export type {
  BodyReply,
  DynamicReply,
  Exchange,
  ExchangeSelector,
  Reply,
  ReplyHead,
  ReplyHeaders,
  Script,
  StreamReply,
} from "./script/exchange.ts";
export type { Handshake } from "./script/handshake.ts";
export type {
  ErrorExchangeOptions,
  FailedExchangeOptions,
  ModelsExchangeOptions,
  StreamExchangeOptions,
} from "./script/short-forms.ts";
export type {
  BytesStep,
  CloseStep,
  CommentStep,
  ControlStep,
  DelayStep,
  DisconnectStep,
  EndStep,
  EventFraming,
  EventStep,
  GateStep,
  HangStep,
  PauseStep,
  PingStep,
  ResetStep,
  Step,
  Steps,
  WireBytesStep,
} from "./script/step.ts";
export type { LoggedResponse, LoggedConnection, LoggedRequest, ServerLog } from "./server-log.ts";
export type { ReceivedFrame, WebSocketConnection } from "./websocket-connection.ts";
