import OpenAI from "openai";
import * as api from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

const exchange = messageExchange(["Hello ", "there."], { requestId: "req_1" });
const server = await startResponsesServer({ script: [exchange, exchange] });

// Before: `openai`.
const openai = new OpenAI({ baseURL: server.url, apiKey: "my-key" });
const theirs = await openai.responses.create({
  model: "any-model",
  input: "Say hello.",
  stream: true,
});
for await (const event of theirs) {
  if (event.type === "response.output_text.delta") console.log(JSON.stringify(event.delta));
  if (event.type === "response.completed") console.log(event.response.usage?.total_tokens);
}

// After: `@codex-ts/api`.
const client = new api.ResponsesClient({
  provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
});
const content = [{ type: "input_text", text: "Say hello." }] as const;
const input = [{ type: "message", role: "user", content }] as const;
const ours = await client.stream({ ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input });
for await (const event of ours) {
  if (event.type === "outputTextDelta") console.log(JSON.stringify(event.delta));
  if (event.type === "completed") console.log(event.tokenUsage?.total_tokens);
}
console.log(ours.upstreamRequestId);
await server.close();
