import { ModelsClient } from "@codex-ts/api";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import { startResponsesServer } from "@codex-ts/responses-server";

const server = await startResponsesServer({
  script: [{ method: "GET", path: "/v1/models", body: { models: [{ slug: "local-model" }] } }],
});
const shared = { env: { LOCAL_KEY: "key-1" }, clientVersion: "0.140.0" };
const { id, info } = selectModelProvider({
  config: {
    model_provider: "local",
    model_providers: { local: { name: "Local", base_url: server.url, env_key: "LOCAL_KEY" } },
  },
  ...shared,
});
const provider = createModelProvider({ id, info, ...shared });
const client = new ModelsClient({
  provider: await provider.apiProvider(),
  auth: await provider.apiAuth(),
});
const answer = await client.list(shared.clientVersion);
console.log(JSON.stringify(answer.models));
console.log(server.requests[0]?.path, server.requests[0]?.header("authorization"));
await server.close();
