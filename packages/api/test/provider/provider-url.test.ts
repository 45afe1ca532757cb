import { expect, test } from "vitest";
import { isAzureProvider, providerUrl, providerWebSocketUrl } from "@codex-ts/api";
import { startResponsesServer } from "@codex-ts/responses-server";
import { apiErrorOf, clientAt, providerAt, request } from "../support/client.ts";

test.each([
  ["https://h/v1/", "/responses", "https://h/v1/responses"],
  ["https://h/v1", "responses", "https://h/v1/responses"],
  ["https://h/v1//", "//responses/compact", "https://h/v1/responses/compact"],
  ["https://h/v1/", "", "https://h/v1"],
])("[api/A1] joins %s and %s with one slash", (base, path, url) => {
  expect(providerUrl(providerAt(base), path)).toBe(url);
});

test("[api/A2] query parameters keep their order and are escaped on the wire", async () => {
  await using server = await startResponsesServer({ script: [] });
  const queryParams = { "api-version": "2025-04-01-preview", b: "x y" };
  await apiErrorOf(clientAt(server.url, { queryParams, retry: noRetries }).stream(request()));
  expect(server.requests[0]?.path).toBe("/v1/responses?api-version=2025-04-01-preview&b=x%20y");
});

const noRetries = { ...providerAt("").retry, maxRetries: 0 };

test.each([
  ["http://h/v1", "ws://h/v1/responses"],
  ["https://h/v1/", "wss://h/v1/responses"],
  ["ws://h/v1", "ws://h/v1/responses"],
  ["wss://h:8443/v1", "wss://h:8443/v1/responses"],
  ["unix://h/v1", "unix://h/v1/responses"],
])("[api/A3] the WebSocket URL of %s is %s", (base, url) => {
  expect(providerWebSocketUrl(providerAt(base), "responses")).toBe(url);
});

test("[api/A3] a base that is no URL is a build error", () => {
  expect(() => providerWebSocketUrl(providerAt("no url"), "responses")).toThrow(
    expect.objectContaining({
      code: "request_build",
      detail: expect.stringMatching(/^failed to build websocket URL: /),
    }),
  );
});

test.each([
  ["test", "https://foo.openai.azure.com/openai", true],
  ["test", "https://foo.cognitiveservices.azure.cn/openai", true],
  ["test", "https://foo.aoai.azure.com/openai", true],
  ["test", "https://foo.azure-api.net/openai", true],
  ["test", "https://foo.azurefd.net/", true],
  ["test", "https://foo.Windows.net/OpenAI", true],
  ["AZURE", "https://example.com", true],
  ["test", "https://foo.azurewebsites.net/openai", false],
  ["test", "https://api.openai.com/v1", false],
])("[api/A4] provider %s at %s is Azure: %s", (name, baseUrl, expected) => {
  expect(isAzureProvider({ name, baseUrl })).toBe(expected);
});
