import { createThread } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import {
  created,
  messageExchange,
  startResponsesServer,
  streamedMessage,
} from "@codex-ts/responses-server";

const server = await startResponsesServer({
  script: [
    messageExchange("Hello."),
    { events: [created(), streamedMessage("Hello.")] }, // forgets response.completed
  ],
});

// As in config.toml: model_provider = "mine" and a table [model_providers.mine].
const config = {
  model_provider: "mine",
  model_providers: {
    mine: {
      name: "Mine",
      base_url: server.url,
      env_key: "MINE_API_KEY",
      query_params: { "api-version": "2026-01-01" },
      http_headers: { "x-team": "blue" },
      stream_max_retries: 0,
    },
  },
};
const env = { MINE_API_KEY: "my-key" }; // usually process.env
const { id, info } = selectModelProvider({ config, env, clientVersion: "1.0.0" });
const thread = await createThread({
  provider: createModelProvider({ id, info, env, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
});
for (const input of ["Say hello.", "Say it again."]) {
  for await (const event of thread.runTurn(input)) {
    if (event.type === "turnCompleted") console.log("turn completed");
    if (event.type === "turnFailed") console.log(`turn failed: ${event.error.message}`);
  }
}
const [request] = server.requests;
console.log(`${request?.method} ${request?.path}`);
for (const name of ["authorization", "x-team"]) console.log(`${name}: ${request?.header(name)}`);
await thread.close();
await server.close();
