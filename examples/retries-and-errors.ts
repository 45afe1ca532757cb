import * as api from "@codex-ts/api";
import * as scripted from "@codex-ts/responses-server";

// One fault per request: a 500, a 429 with a wait, a silence, a cut stream.
const server = await scripted.startResponsesServer({
  script: [
    scripted.errorExchange(500, { requestId: "req_1" }),
    scripted.messageExchange("Hello.", { requestId: "req_2" }),
    scripted.errorExchange(429, { requestId: "req_3", headers: { "retry-after": "2" } }),
    { events: [scripted.created(), scripted.hang()], requestId: "req_4" },
    scripted.streamExchange([scripted.disconnect()], { requestId: "req_5" }),
  ],
});
const client = new api.ResponsesClient({
  provider: {
    name: "demo",
    baseUrl: server.url,
    ...api.DEFAULT_PROVIDER_SETTINGS,
    firstResponseTimeoutMs: 60_000, // longest wait for the headers; default: as below
    streamIdleTimeoutMs: 500, // default 300,000
  },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
  sleep: async () => {}, // no waiting in a demo
  observer: {
    onAttemptEnded({ attemptNumber, status, outcome, retry }) {
      const next = retry.willRetry ? `again, because of ${retry.reason}` : retry.reason;
      console.log(`  attempt ${attemptNumber}: ${status} ${outcome}, ${next}`);
    },
  },
});
const content = [{ type: "input_text", text: "Say hello." }] as const;
const input = [{ type: "message", role: "user", content }] as const;
const request = { ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input };

for (const name of ["a 500", "a 429", "a silence", "a cut stream"]) {
  console.log(name);
  try {
    for await (const event of await client.stream(request))
      if (event.type === "completed") console.log("  completed");
  } catch (error) {
    if (!api.ApiError.is(error)) throw error;
    console.log(`  ${whatToDo(error)} (request ${error.upstreamRequestId})`);
  }
}
await server.close();

/** Every code is known to the compiler, which complains when one is missing here. */
function whatToDo(error: api.AnyApiError): string {
  switch (error.code) {
    case "http_status":
      return error.status === 429 ? `wait ${error.retryDelayMs} ms` : `status ${error.status}`;
    case "stream":
      return `send it again: ${error.reason}`;
    case "retryable":
    case "rate_limit":
    case "server_overloaded":
    case "timeout":
    case "network":
      return "try again later";
    case "context_window_exceeded":
      return "start a new conversation";
    case "quota_exceeded":
    case "usage_not_included":
      return "another plan";
    case "invalid_request":
    case "policy":
    case "final_response":
      return `change the request: ${error.serverMessage}`;
    case "request_build":
    case "proxy_authentication":
    case "retry_limit":
      return error.message;
  }
}
