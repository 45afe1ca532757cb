import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelsClient } from "@codex-ts/api";
import * as providers from "@codex-ts/model-provider";
import { startResponsesServer } from "@codex-ts/responses-server";

const server = await startResponsesServer({ script: [], models: ["local-model"] });
const client = { originator: "my_agent", userAgent: "my-agent/1.0" };
const login = { codexHome: mkdtempSync(join(tmpdir(), "codex-home-")), env: {}, client };
await providers.loginWithApiKey(login, "sk-proj-0123456789");
console.log(await providers.loginStatus(login));

const mine = { name: "Mine", base_url: server.url, requires_openai_auth: true };
const config = { model_provider: "mine", model_providers: { mine } };
const shared = { env: {}, clientVersion: "1.0.0" };
const selected = providers.selectModelProvider({ config, ...shared });
const authManager = new providers.AuthManager(login);
const provider = providers.createModelProvider({ ...selected, ...shared, authManager });
const models = new ModelsClient({
  provider: await provider.apiProvider(),
  auth: await provider.apiAuth(),
});
console.log(JSON.stringify((await models.list("1.0.0")).models));
console.log(server.requests[0]?.header("authorization"));
await server.close();
