import * as api from "@codex-ts/api";
import * as scripted from "@codex-ts/responses-server";

// Plays three responses: text and a tool call, one that never ends, one that breaks.
const call = scripted.streamedFunctionCall("get_stock", { article: "A-17" }, "call_1");
const query = scripted.streamedCustomToolCall("sql", "select 1", "call_2");
const endless = [scripted.created(), scripted.textDelta("1 "), scripted.textDelta("2 ")];
const broken = [
  scripted.created("resp_3"),
  ...["a", "b", "c"].map((text) => scripted.textDelta(text)),
];
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange([scripted.streamedMessage(["Let me ", "look."]), call, query]),
    { events: [...endless, scripted.hang()] },
    { events: [...broken, scripted.disconnect()], requestId: "req_3" },
  ],
});
const client = new api.ResponsesClient({
  provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
});
const content = [{ type: "input_text", text: "How many A-17?" }] as const;
const input = [{ type: "message", role: "user", content }] as const;
const request = { ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input };

// 1. Deltas are for showing; the whole item comes in `outputItemDone`.
for await (const event of await client.stream(request)) {
  if (event.type === "outputTextDelta") console.log(`text: ${JSON.stringify(event.delta)}`);
  if (event.type === "toolCallInputDelta") console.log(`input of a custom tool: ${event.delta}`);
  if (event.type === "outputItemDone" && event.item.type === "function_call")
    console.log(`function call: ${event.item.name}(${event.item.arguments})`);
  if (event.type === "completed") console.log(`tokens: ${event.tokenUsage?.total_tokens}`);
}

// 2. Leaving the loop stops the response: the socket is closed at once.
let deltas = 0;
for await (const event of await client.stream(request)) {
  if (event.type === "outputTextDelta") deltas += 1;
  if (deltas === 2) break;
}
await server.waitFor(() => server.exchanges[1]?.clientGone);
console.log(`stopped: the server saw the client leave: ${server.exchanges[1]?.state}`);

// 3. A failure is thrown, after everything that was read before it.
let text = "";
try {
  for await (const event of await client.stream(request))
    if (event.type === "outputTextDelta") text += event.delta;
} catch (error) {
  if (!api.ApiError.is(error)) throw error;
  console.log(`failed behind "${text}": ${error.code}, ${error.message}`);
  console.log(`response ${error.responseId}, upstream request ${error.upstreamRequestId}`);
}
await server.close();
