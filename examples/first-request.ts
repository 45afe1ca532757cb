import * as api from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// Plays the server. The real one: baseUrl "https://api.openai.com/v1", your key, a model of yours.
const script = [messageExchange(["Hello ", "there."], { requestId: "req_1" })];
const server = await startResponsesServer({ script });
const client = new api.ResponsesClient({
  provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
});

const content = [{ type: "input_text", text: "Say hello." }] as const;
const input = [{ type: "message", role: "user", content }] as const;
const stream = await client.stream({ ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input });
for await (const event of stream) {
  if (event.type === "outputTextDelta") process.stdout.write(event.delta);
  if (event.type === "completed") console.log(`\nresponse id: ${event.responseId}`);
}
console.log(`upstream request id: ${stream.upstreamRequestId}`);
await server.close();
