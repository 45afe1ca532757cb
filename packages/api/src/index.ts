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
export { toCodexError } from "./failure/to-codex-error.ts";
export { streamFromFixture } from "./fixture-stream.ts";
export { HeaderBag } from "./headers.ts";
export { defaultProviderSettings } from "./provider.ts";
export { isAzureProvider, providerUrl, providerWebSocketUrl } from "./provider-url.ts";
export { CloudflareCookieJar } from "./network/cookie-jar.ts";
export { networkFromEnvironment } from "./network/network.ts";
export { describeHost, formatUserAgent, resolveOriginator } from "./network/user-agent.ts";
export { defaultRequestSettings } from "./request-body.ts";
export { ResponsesClient } from "./responses-client.ts";
export { subAgentHeaderValue as subagentHeaderValue } from "@codex-ts/protocol";
export { TurnState } from "./turn-state.ts";
export { ResponsesWebSocketClient } from "./websocket-client.ts";
export { probeWebSocket } from "./websocket/probe.ts";

export type { AuthProvider, OutboundRequest } from "./auth-provider.ts";
export type { ErrorPolicy } from "@codex-ts/protocol";
export type { CompactRequest } from "./endpoints/compact-client.ts";
export type { FileUpload, UploadedFile } from "./endpoints/files-client.ts";
export type {
  ImageEditRequest,
  ImageGenerationRequest,
  ImagesAnswer,
} from "./endpoints/images-client.ts";
export type { MemoriesRequest, MemorySummary, MemoryTrace } from "./endpoints/memories-client.ts";
export type { ModelsAnswer } from "./endpoints/models-client.ts";
export type { SearchAnswer, SearchRequest } from "./endpoints/search-client.ts";
export type { CallOptions } from "./http/unary.ts";
export type {
  AnyApiError,
  ApiErrorFacts,
  FinalServerCode,
  HttpStatusFacts,
  StreamErrorReason,
} from "./errors.ts";
export type {
  AttemptAnswered,
  AttemptEnded,
  AttemptRedirected,
  AttemptStarted,
  RedactedHeaders,
  RetryDecision,
  StreamPoll,
  Transport,
  TransportObserver,
} from "./observer.ts";
export type { Network } from "./network/network.ts";
export type { Environment } from "./network/proxy-settings.ts";
export type { HostDescription, UserAgentParts } from "./network/user-agent.ts";
export type { FixtureStreamOptions } from "./fixture-stream.ts";
export type { CodexError, CodexErrorCode } from "./failure/codex-error.ts";
export type { ToCodexErrorOptions } from "./failure/to-codex-error.ts";
export type { UsageLimitFacts } from "./failure/usage-limit.ts";
export type { ApiProvider, RetryPolicy } from "./provider.ts";
export type { ResponseStream } from "./response-stream.ts";
export type { ConnectOptions, ResponsesWebSocketClientOptions } from "./websocket-client.ts";
export type {
  FrameOptions,
  ResponsesWebSocketConnection,
  WebSocketClose,
} from "./websocket/connection.ts";
export type { ProbeOptions, WebSocketProbe } from "./websocket/probe.ts";
export type { WebSocketHandshake } from "./websocket/handshake.ts";
export type { ResponsesClientOptions, StreamOptions } from "./responses-client.ts";
export type { ClientOptions } from "./http/transport-context.ts";
