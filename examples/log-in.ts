import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread } from "@codex-ts/core";
import {
  AuthManager,
  createModelProvider,
  loginStatus,
  selectModelProvider,
} from "@codex-ts/model-provider";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// A login as `codex-ts login` or Codex stores it, mounted into a container for example.
const codexHome = mkdtempSync(join(tmpdir(), "codex-home-"));
const jwt = (claims: object) =>
  ["{}", JSON.stringify(claims), "-"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
const tokens = {
  id_token: jwt({ email: "me@example.com" }),
  access_token: jwt({ exp: 4_000_000_000 }),
  refresh_token: "refresh-me",
  account_id: "account-1",
};
const stored = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: new Date() };
writeFileSync(join(codexHome, "auth.json"), JSON.stringify(stored), { mode: 0o600 });

const server = await startResponsesServer({ script: [messageExchange("Hello.")] });
const mine = { name: "Mine", base_url: server.url, requires_openai_auth: true };
const config = { model_provider: "mine", model_providers: { mine } };
const { id, info } = selectModelProvider({ config, env: {}, clientVersion: "1.0.0" });

// One manager per process owns the login: it refreshes in time, and after a 401.
const client = { originator: "my_agent", userAgent: "my-agent/1.0" };
const login = { codexHome, env: {}, client };
const authManager = new AuthManager(login);
const thread = await createThread({
  provider: createModelProvider({ id, info, env: {}, clientVersion: "1.0.0", authManager }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
});
for await (const event of thread.runTurn("Say hello."))
  if (event.type === "turnFailed") console.log(event.error.message);

const status = await loginStatus(login);
console.log(`stored: ${status.kind}`);
const sent = server.requests[0]?.header("authorization");
console.log(`sent: the access token: ${sent === `Bearer ${tokens.access_token}`}`);
console.log(`account: ${server.requests[0]?.header("chatgpt-account-id")}`);
await thread.close();
await server.close();
