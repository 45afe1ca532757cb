import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// Plays the model: it reasons, in a form that only the server can read, and writes a message.
const thinking = scripted.reasoning({ id: "rs_1", encryptedContent: "opaque" });
const code = "context_length_exceeded";
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange([thinking, scripted.streamedMessage("One.")]),
    scripted.messageExchange("Two."),
    scripted.messageExchange("Three."),
    scripted.failedExchange({ code, message: "Your input exceeds the context window." }),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
});
for (const text of ["First.", "Second.", "Third.", "Fourth."]) {
  for await (const event of thread.runTurn(text)) {
    if (event.type === "turnCompleted") console.log(`${text} ${event.lastAgentMessage}`);
    if (event.type === "turnFailed") console.log(`${text} ${event.error.code}`);
  }
}
await thread.close();

// Each request carries everything so far. The beginning never changes, so that a server can cache it.
interface Body {
  readonly store: boolean;
  readonly input: readonly { readonly type: string }[];
  readonly previous_response_id?: string;
  readonly prompt_cache_key?: string;
}
const bodies = server.requests.map(({ body }) => body as unknown as Body);
for (const { store, input, previous_response_id: previous } of bodies)
  console.log(`store ${store}, ${input.length} items, continues ${previous}`);
const [first, second] = bodies;
const begin = JSON.stringify(second?.input.slice(0, first?.input.length));
console.log(`the second begins with the first: ${begin === JSON.stringify(first?.input)}`);
console.log(`one cache key: ${new Set(bodies.map((body) => body.prompt_cache_key)).size === 1}`);
console.log(second?.input.map(({ type }) => type).join(", "));
await server.close();
