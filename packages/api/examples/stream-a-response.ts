import {
  DEFAULT_PROVIDER_SETTINGS,
  DEFAULT_REQUEST_SETTINGS,
  ResponsesClient,
} from "@codex-ts/api";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";

const server = await startResponsesServer({
  script: [errorExchange(500), messageExchange(["Hello ", "there."], { requestId: "req_1" })],
});
const client = new ResponsesClient({
  provider: { name: "demo", baseUrl: server.url, ...DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
  observer: { onAttemptEnded: ({ status, outcome }) => console.log("attempt", status, outcome) },
});
const content = [{ type: "input_text", text: "Say hello." }] as const;
const input = [{ type: "message", role: "user", content }] as const;
const stream = await client.stream({ ...DEFAULT_REQUEST_SETTINGS, model: "any", input });
console.log("upstream request", stream.upstreamRequestId);
for await (const event of stream) {
  if (event.type === "outputTextDelta") console.log(JSON.stringify(event.delta));
  if (event.type === "completed") console.log("response", event.responseId);
}
await server.close();
