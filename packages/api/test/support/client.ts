import type {
  ApiProvider,
  AuthProvider,
  ResponsesClientOptions,
  ResponseStream,
} from "@codex-ts/api";
import { ApiError, ResponsesClient } from "@codex-ts/api";
import type { AnyApiError } from "@codex-ts/api";
import type { ResponseEvent, ResponsesRequest } from "@codex-ts/protocol";
import { manualClock } from "@codex-ts/test-support";
import { Agent } from "undici";

export const noAuth: AuthProvider = { addAuthHeaders() {} };

export function bearer(token: string): AuthProvider {
  return { addAuthHeaders: (headers) => headers.set("authorization", `Bearer ${token}`) };
}

export function providerAt(baseUrl: string, overrides: Partial<ApiProvider> = {}): ApiProvider {
  return {
    name: "test",
    baseUrl,
    retry: {
      maxRetries: 4,
      baseDelayMs: 200,
      retry429: false,
      retry5xx: true,
      retryTransport: true,
    },
    streamIdleTimeoutMs: 10_000,
    ...overrides,
  };
}

export function retries(maxRetries: number): Pick<ApiProvider, "retry"> {
  return {
    retry: {
      maxRetries,
      baseDelayMs: 200,
      retry429: false,
      retry5xx: true,
      retryTransport: true,
    },
  };
}

/** A client whose retries do not wait, with connections of its own. */
export function clientAt(
  baseUrl: string,
  provider: Partial<ApiProvider> = {},
  options: Partial<ResponsesClientOptions> = {},
): ResponsesClient {
  return new ResponsesClient({
    // Tests with short idle timeouts mean the gap between events; a busy machine may take longer to answer at all.
    provider: providerAt(baseUrl, { firstResponseTimeoutMs: 10_000, ...provider }),
    auth: noAuth,
    dispatcher: new Agent(),
    sleep: manualClock().sleep,
    ...options,
  });
}

export function request(overrides: Partial<ResponsesRequest> = {}): ResponsesRequest {
  return {
    model: "gpt-test",
    instructions: "Follow the script.",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] }],
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: null,
    store: false,
    stream: true,
    include: [],
    ...overrides,
  };
}

/** Everything a stream gave, and how it ended. */
export interface Outcome {
  readonly events: readonly ResponseEvent[];
  readonly error: AnyApiError | undefined;
}

export async function outcomeOf(stream: ResponseStream): Promise<Outcome> {
  const events: ResponseEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    if (!ApiError.is(error)) throw error;
    return { events, error };
  }
}

/** Waits for a rejection with an `ApiError` and returns it. */
export async function apiErrorOf(promise: Promise<unknown>): Promise<AnyApiError> {
  try {
    await promise;
  } catch (error) {
    if (ApiError.is(error)) return error;
    throw error;
  }
  throw new Error("expected a rejection");
}

/** The events of a stream's body, without those its headers gave. */
export function bodyEvents(events: readonly ResponseEvent[]): ResponseEvent[] {
  return events.filter((event) => event.type !== "rateLimits");
}
