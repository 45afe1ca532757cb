import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthManager } from "@codex-ts/model-provider";
import { startResponsesServer } from "@codex-ts/responses-server";

// Plays the authorization server. A refresh token works once: a second refresh would be refused.
const fresh = { access_token: jwt({ exp: 4_000_000_000 }), refresh_token: "refresh-2" };
const server = await startResponsesServer({
  script: [{ path: "/oauth/token", body: { ...fresh, id_token: jwt({}) } }],
});
const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.origin}/oauth/token` };
const client = { originator: "my_agent", userAgent: "my-agent/1.0" };

// A login whose access token has expired. A program makes one manager; these eight stand for
// eight programs, and the lock between them is a file.
const shared = storedLogin("account-1", 1_000_000_000);
const managers = Array.from(
  { length: 8 },
  () => new AuthManager({ codexHome: shared, env, client }),
);
const snapshots = await Promise.all(managers.map((manager) => manager.auth()));
const accounts = new Set(snapshots.map((auth) => auth?.accountId));
console.log(`eight managers: ${[...accounts].join(", ")}`);
console.log(`refreshes: ${server.requests.length}, refused: ${server.unexpectedRequests.length}`);
const stored = readFileSync(join(shared, "auth.json"), "utf8");
console.log(`the new refresh token is stored: ${stored.includes(fresh.refresh_token)}`);

// Another account is another directory. Both are in use at the same time.
const other = storedLogin("account-2", 4_000_000_000);
for (const codexHome of [shared, other]) {
  const auth = await new AuthManager({ codexHome, env, client }).auth();
  console.log(`in use: ${auth?.accountId}`);
}
await server.close();

/** `auth.json` as `codex-ts login` or Codex writes it, in a directory of its own. */
function storedLogin(accountId: string, exp: number): string {
  const codexHome = mkdtempSync(join(tmpdir(), "codex-home-"));
  const tokens = { id_token: jwt({}), access_token: jwt({ exp }), refresh_token: "refresh-1" };
  const login = { auth_mode: "chatgpt", tokens: { ...tokens, account_id: accountId } };
  writeFileSync(join(codexHome, "auth.json"), JSON.stringify(login), { mode: 0o600 });
  return codexHome;
}

function jwt(claims: object): string {
  const parts = ["{}", JSON.stringify(claims), "-"];
  return parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
}
