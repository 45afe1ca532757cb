import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// A server that responds in order: a tool call, a stream that is cut, then the rest.
const args = { cmd: "echo 42", login: false };
const server = await scripted.startResponsesServer({
  script: [
    scripted.functionCallExchange({ name: "exec_command", args, callId: "call_1" }),
    scripted.streamExchange([scripted.disconnect()]),
    scripted.messageExchange("It is 42."),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access",
  sleep: async () => {}, // no waiting between retries
});
for await (const event of thread.runTurn("How much is it?")) {
  if (event.type === "itemCompleted" && event.item.type === "agent_message")
    console.log(`agent: ${event.item.text}`);
}
await thread.close();

// Assert on what was sent, not on what the agent says it did.
const bodies = server.requests.map(({ body }) => body as { input: { type: string }[] });
for (const { input } of bodies) console.log(input.map(({ type }) => type).join(", "));
console.log(`unexpected: ${server.unexpectedRequests.length}`);
console.log(`unused: ${server.unusedExchanges.length}`);
await server.close();
