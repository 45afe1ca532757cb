// Every line here is public API: adding one needs a changeset.
export {
  ApiError,
  AuthError,
  ContextWindowExceededError,
  FinalResponseError,
  HttpStatusError,
  InvalidRequestError,
  NetworkError,
  PolicyError,
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
export { HeaderBag } from "./headers.ts";
export { isAzureProvider, providerUrl, providerWebSocketUrl } from "./provider-url.ts";
export { ResponsesClient } from "./responses-client.ts";
export { TurnState } from "./turn-state.ts";

export type { AuthProvider, OutboundRequest } from "./auth-provider.ts";
export type { ErrorPolicy } from "./error-policy.ts";
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
  AttemptStarted,
  RedactedHeaders,
  RetryDecision,
  StreamPoll,
  Transport,
  TransportObserver,
} from "./observer.ts";
export type { ApiProvider, RetryPolicy } from "./provider.ts";
export type { ResponseStream } from "./response-stream.ts";
export type { ResponsesClientOptions, StreamOptions } from "./responses-client.ts";
export type { ClientOptions } from "./http/transport-context.ts";
