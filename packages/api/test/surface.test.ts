import * as surface from "@codex-ts/api";
import * as internal from "@codex-ts/api/internal";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(surface).toSorted()).toEqual([
    "ApiError",
    "AuthError",
    "CloudflareCookieJar",
    "CompactClient",
    "ContextWindowExceededError",
    "DEFAULT_PROVIDER_SETTINGS",
    "DEFAULT_REQUEST_FORMAT",
    "DEFAULT_REQUEST_SETTINGS",
    "FilesClient",
    "FinalResponseError",
    "HeaderBag",
    "HttpStatusError",
    "ImagesClient",
    "InvalidRequestError",
    "MemoriesClient",
    "ModelsClient",
    "NetworkError",
    "PolicyError",
    "ProxyAuthenticationError",
    "QuotaExceededError",
    "RateLimitError",
    "RequestBuildError",
    "ResponsesClient",
    "ResponsesWebSocketClient",
    "RetryLimitError",
    "RetryableError",
    "SearchClient",
    "ServerOverloadedError",
    "StreamError",
    "TimeoutError",
    "TurnState",
    "UsageNotIncludedError",
    "describeHost",
    "formatUserAgent",
    "isAzureProvider",
    "networkFromEnvironment",
    "probeWebSocket",
    "providerUrl",
    "providerWebSocketUrl",
    "resolveOriginator",
    "streamFromFixture",
    "subagentHeaderValue",
    "toCodexError",
  ]);
});

test("the internal subpath exports exactly these names", () => {
  expect(Object.keys(internal).toSorted()).toEqual([
    "BoundedQueue",
    "FileRefusedError",
    "SecretSet",
    "abortable",
    "decodeText",
    "isModelOutput",
    "isSecretName",
    "keepItemText",
    "makeDirectory",
    "openFilesAdvice",
    "readPlainFile",
    "readPlainFileTail",
  ]);
});
