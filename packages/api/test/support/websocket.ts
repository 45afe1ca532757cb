import type { ApiProvider, ResponsesWebSocketClientOptions } from "@codex-ts/api";
import { ResponsesWebSocketClient } from "@codex-ts/api";
import type { ResponseCreateFrame } from "@codex-ts/protocol";
import { noAuth, providerAt, request } from "./client.ts";

export function webSocketClientAt(
  baseUrl: string,
  provider: Partial<ApiProvider> = {},
  options: Partial<ResponsesWebSocketClientOptions> = {},
): ResponsesWebSocketClient {
  return new ResponsesWebSocketClient({
    provider: providerAt(baseUrl, provider),
    auth: noAuth,
    connectTimeoutMs: 5000,
    ...options,
  });
}

export function frame(overrides: Partial<ResponseCreateFrame> = {}): ResponseCreateFrame {
  return { ...request(), type: "response.create", ...overrides };
}
