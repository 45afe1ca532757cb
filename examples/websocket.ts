import { createThread } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// Runs two turns with a provider that supports WebSockets, and prints what reached the server.
async function twoTurns(server: Awaited<ReturnType<typeof startResponsesServer>>) {
  const mine = { name: "Mine", base_url: server.url, supports_websockets: true };
  const config = { model_provider: "mine", model_providers: { mine } };
  const { id, info } = selectModelProvider({ config, env: {}, clientVersion: "1.0.0" });
  const thread = await createThread({
    provider: createModelProvider({ id, info, env: {}, clientVersion: "1.0.0" }),
    model: "any-model",
    cwd: process.cwd(),
    installationId: "11111111-1111-4111-8111-111111111111",
  });
  for (const text of ["Say hello.", "Say it again."]) {
    for await (const event of thread.runTurn(text))
      if (event.type === "inferenceFinished") {
        const { responseId, upstreamRequestId } = event.inference;
        console.log(`response ${responseId}, upstream request ${upstreamRequestId}`);
      }
  }
  await thread.close();
  for (const { transport, body } of server.requests) {
    const { generate = true, previous_response_id: previous, input } = body as unknown as Frame;
    const kind = generate ? "request" : "warm-up";
    console.log(`${transport} ${kind}: ${input.length} items, continues ${previous}`);
  }
  console.log(`handshakes: ${server.connections.map(({ status }) => status).join(", ")}`);
  await server.close();
}
interface Frame {
  readonly generate?: boolean;
  readonly previous_response_id?: string;
  readonly input: readonly unknown[];
}

const script = [messageExchange("Hello."), messageExchange("Hello again.")];
console.log("-- a server with WebSockets");
await twoTurns(await startResponsesServer({ script }));

console.log("-- a server without them");
const handshakes = [{ status: 426, repeat: Infinity }];
await twoTurns(await startResponsesServer({ script, handshakes }));
