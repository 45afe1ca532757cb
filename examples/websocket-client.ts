import * as api from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

const script = [messageExchange("Hello."), messageExchange("Hello again.")];
const server = await startResponsesServer({ script });
const client = new api.ResponsesWebSocketClient({
  provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
});
const connection = await client.connect();
console.log(`handshake: ${connection.handshake.requestId}`);

let previous: { readonly previous_response_id?: string } = {};
for (const text of ["Say hello.", "Again."]) {
  const content = [{ type: "input_text", text }] as const;
  const input = [{ type: "message", role: "user", content }] as const;
  const request = { ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input };
  // Only what is new is sent: the server knows what came before on this connection.
  for await (const event of await connection.stream({
    type: "response.create",
    ...request,
    ...previous,
  })) {
    if (event.type === "outputTextDelta") console.log(event.delta);
    if (event.type === "completed") previous = { previous_response_id: event.responseId };
  }
}
await connection.close();
await server.close();
