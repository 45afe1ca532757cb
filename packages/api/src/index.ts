// Every line here is public API: adding one needs a changeset.
export { CompactClient } from "./endpoints/compact-client.ts";
export { FilesClient } from "./endpoints/files-client.ts";
export { ImagesClient } from "./endpoints/images-client.ts";
export { MemoriesClient } from "./endpoints/memories-client.ts";
export { ModelsClient } from "./endpoints/models-client.ts";
export { SearchClient } from "./endpoints/search-client.ts";
export {
  ApiError,
  AuthError,
  ContextWindowExceededError,
  FinalResponseError,
  HttpStatusError,
  InvalidRequestError,
  NetworkError,
  PolicyError,
  ProxyAuthenticationError,
  QuotaExceededError,
  RateLimitError,
  RequestBuildError,
  RetryableError,
  RetryLimitError,
  ServerOverloadedError,
  StreamError,
  TimeoutError,
  UsageNotIncludedError,
} from "./errors.ts";
export { toCodexError } from "./codex-error/to-codex-error.ts";
export { streamFromFixture } from "./stream/fixture-stream.ts";
export { HeaderBag } from "./headers/header-bag.ts";
export { DEFAULT_PROVIDER_SETTINGS } from "./provider/provider.ts";
export { isAzureProvider, providerUrl, providerWebSocketUrl } from "./provider/provider-url.ts";
export { CloudflareCookieJar } from "./network/cookie-jar.ts";
export { networkFromEnvironment } from "./network/network.ts";
export { describeHost, formatUserAgent, resolveOriginator } from "./network/user-agent.ts";
export { DEFAULT_REQUEST_SETTINGS } from "./endpoints/responses-body.ts";
export { DEFAULT_REQUEST_FORMAT } from "./endpoints/request-format.ts";
export { ResponsesClient } from "./endpoints/responses-client.ts";
export { subagentHeaderValue } from "@codex-ts/protocol";
export { TurnState } from "./headers/turn-state.ts";
export { ResponsesWebSocketClient } from "./endpoints/responses-websocket-client.ts";
export { probeWebSocket } from "./endpoints/probe-websocket.ts";

export type { AuthProvider, OutboundRequest } from "./provider/auth-provider.ts";
export type { ErrorPolicy } from "@codex-ts/protocol";
export type { CompactRequest, CompactResult } from "./endpoints/compact-client.ts";
export type { FileUpload, UploadedFile } from "./endpoints/files-client.ts";
export type {
  ImageEditRequest,
  ImageGenerationRequest,
  ImagesResponse,
} from "./endpoints/images-client.ts";
export type {
  MemoriesRequest,
  MemoriesResult,
  MemorySummary,
  MemoryTrace,
} from "./endpoints/memories-client.ts";
export type { ModelsResponse } from "./endpoints/models-client.ts";
export type { SearchResponse, SearchRequest } from "./endpoints/search-client.ts";
export type { CallOptions, CallResult } from "./endpoints/unary-call.ts";
export type {
  AnyApiError,
  ApiErrorFacts,
  FinalServerCode,
  HttpStatusFacts,
  NetworkErrorReason,
  StreamErrorReason,
} from "./errors.ts";
export type {
  AttemptRedirected,
  AttemptResponded,
  AttemptStarted,
  RedactedHeaders,
  RetryDecision,
  StreamPoll,
  Transport,
} from "@codex-ts/protocol";
export type { AttemptEnded, TransportObserver } from "./observe/observer.ts";
export type { Network } from "./network/network.ts";
export type { Environment } from "./network/proxy-settings.ts";
export type { HostDescription, UserAgentParts } from "./network/user-agent.ts";
export type { FixtureStreamOptions } from "./stream/fixture-stream.ts";
export type { CodexError, CodexErrorCode } from "./codex-error/codex-error.ts";
export type { ToCodexErrorOptions } from "./codex-error/to-codex-error.ts";
export type { UsageLimitFacts } from "./codex-error/usage-limit.ts";
export type { ApiProvider, RetryPolicy } from "./provider/provider.ts";
export type { ResponseStream } from "./stream/response-stream.ts";
export type {
  ConnectOptions,
  ResponsesWebSocketClientOptions,
} from "./endpoints/responses-websocket-client.ts";
export type {
  FrameOptions,
  ResponsesWebSocketConnection,
  WebSocketClose,
} from "./websocket/connection.ts";
export type { ProbeOptions, WebSocketProbe } from "./endpoints/probe-websocket.ts";
export type { WebSocketHandshake } from "./websocket/handshake.ts";
export type { RequestFormat, RequestMember } from "./endpoints/request-format.ts";
export type { ResponsesClientOptions, StreamOptions } from "./endpoints/responses-client.ts";
export type { ClientOptions } from "./http/transport-context.ts";
