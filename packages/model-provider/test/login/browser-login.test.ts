import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { manualClock, temporaryDirectory } from "@codex-ts/test-support";
import { loginWithBrowser } from "@codex-ts/model-provider";
import type {
  AccountFacts,
  BrowserLoginOptions,
  CredentialContext,
  LoginError,
} from "@codex-ts/model-provider";
import { fetch } from "undici";
import {
  accessToken,
  chatgptLogin,
  idToken,
  testClient,
  writeAuthFile,
} from "../support/logins.ts";
import { type Loopback, type LoopbackAnswer, startLoopback } from "../support/loopback.ts";
import { browse, startOidcIssuer } from "../support/oidc-issuer.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const tokens = { id_token: idToken(), access_token: accessToken(), refresh_token: "refresh-b" };

interface RunningLogin {
  readonly authorizeUrl: URL;
  /** Base URL of the callback server, on the address it listens on. */
  readonly callbackBase: string;
  readonly state: string;
  readonly outcome: Promise<AccountFacts | LoginError>;
  visit(path: string): Promise<{ status: number; text: string; location: string | null }>;
}

/** Starts a login and gives what a browser would see. */
async function startLogin(
  home: string,
  issuer: string,
  options: Partial<BrowserLoginOptions & CredentialContext> = {},
): Promise<RunningLogin> {
  const { promise: opened, resolve } = Promise.withResolvers<string>();
  const { env = {}, forcedWorkspaceIds, ...rest } = options;
  const outcome = loginWithBrowser(
    { codexHome: home, env, client: testClient, forcedWorkspaceIds, ephemeral: new Map() },
    { issuer, ports: [0], onUrl: resolve, ...rest },
  ).catch((error: unknown) => error as LoginError);
  const authorizeUrl = new URL(await opened);
  const { port } = new URL(authorizeUrl.searchParams.get("redirect_uri") ?? "");
  const callbackBase = `http://127.0.0.1:${port}`;
  return {
    authorizeUrl,
    callbackBase,
    state: authorizeUrl.searchParams.get("state") ?? "",
    outcome,
    async visit(path) {
      const answer = await fetch(callbackBase + path, {
        redirect: "manual",
        dispatcher: testClient.dispatcher,
      });
      const location = answer.headers.get("location");
      return { status: answer.status, text: await answer.text(), location };
    },
  };
}

const issuer = (answer: LoopbackAnswer = { body: tokens }): Promise<Loopback> =>
  startLoopback(() => answer);

test("[provider/44] a standard OpenID provider logs the user in, PKCE and all", async () => {
  // The provider reminds its operators that this is not a production setup.
  vi.spyOn(console, "warn").mockReturnValue();
  await using home = await temporaryDirectory();
  await using oidc = await startOidcIssuer();
  const login = await startLogin(home.path, oidc.url);
  const callback = new URL(await browse(login.authorizeUrl.href, "alice", "/auth/callback"));
  const answer = await login.visit(callback.pathname + callback.search);
  expect(answer).toMatchObject({ status: 302, location: "/success" });
  expect((await login.visit("/success")).text).toContain("Logged in");
  expect(await login.outcome).toMatchObject({ email: "alice@example.com", planType: "pro" });
  expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toMatchObject({
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: { account_id: "acct-oidc", refresh_token: expect.stringMatching(/./) },
  });
});

test("[provider/44b] the authorization URL has the parameters of Codex in order", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const login = await startLogin(home.path, server.url, { forcedWorkspaceIds: ["acct-1", "b"] });
  const { origin, pathname, searchParams, href } = login.authorizeUrl;
  expect(origin + pathname).toBe(`${server.url}/oauth/authorize`);
  expect([...searchParams.keys()]).toEqual([
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "id_token_add_organizations",
    "codex_cli_simplified_flow",
    "state",
    "originator",
    "allowed_workspace_id",
  ]);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: "code",
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    scope: "openid profile email offline_access api.connectors.read api.connectors.invoke",
    code_challenge_method: "S256",
    originator: "codex_ts_test",
    allowed_workspace_id: "acct-1,b",
    state: expect.stringMatching(/^[\w-]{43}$/),
    redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/auth\/callback$/),
  });
  expect(href).not.toContain("+");
  await login.visit("/cancel");
  await login.outcome;
});

test("[provider/44c] the code is exchanged with its verifier; the tokens reach neither page nor redirect", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const login = await startLogin(home.path, server.url);
  const answer = await login.visit(`/auth/callback?code=the-code&state=${login.state}`);
  const success = await login.visit("/success");
  await login.outcome;
  const form = Object.fromEntries(new URLSearchParams(server.requests[0]?.text));
  expect(form).toEqual({
    grant_type: "authorization_code",
    code: "the-code",
    redirect_uri: login.authorizeUrl.searchParams.get("redirect_uri"),
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    code_verifier: expect.stringMatching(/^[\w-]{86}$/),
  });
  const shown = JSON.stringify([answer, success]);
  for (const secret of [...Object.values(tokens), form["code_verifier"] ?? "", "the-code"]) {
    expect(shown).not.toContain(secret);
  }
  expect(server.requests).toHaveLength(1);
});

test("[provider/44d] a wrong or missing state is refused and the login goes on", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const login = await startLogin(home.path, server.url);
  const sameLength = `${login.state.slice(0, -1)}${login.state.endsWith("A") ? "B" : "A"}`;
  for (const state of ["", "state=", `state=${login.state}x`, `state=${sameLength}`]) {
    const query = `code=x&${state}`;
    const answer = await login.visit(`/auth/callback?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("State mismatch");
  }
  expect(server.requests).toHaveLength(0);
  expect((await login.visit("/elsewhere")).status).toBe(404);
  await login.visit(`/auth/callback?code=x&state=${login.state}`);
  await login.visit("/success");
  expect(await login.outcome).toMatchObject({ email: "user@example.com" });
});

test.each<[string, RegExp, string]>([
  [
    "error=server_error&error_description=<b>no</b>",
    /^sign-in failed: <b>no<\/b>$/,
    "&lt;b&gt;no&lt;/b&gt;",
  ],
  ["error=temporarily_unavailable", /^sign-in failed: temporarily_unavailable$/, "temporarily"],
  [
    "error=access_denied&error_description=MISSING_CODEX_entitlement",
    /not enabled for your workspace/,
    "not enabled",
  ],
  ["nothing=1", /no authorization code/, "no authorization code"],
])(
  "[provider/44e] a callback with %s ends the login with an escaped page",
  async (query, message, shown) => {
    await using home = await temporaryDirectory();
    await using server = await issuer();
    const login = await startLogin(home.path, server.url);
    const answer = await login.visit(`/auth/callback?${query}&state=${login.state}`);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(shown);
    const error = (await login.outcome) as LoginError;
    expect(error.code).toBe("login_failed");
    expect(error.message).toMatch(message);
    expect(await readdir(home.path)).toEqual([]);
  },
);

test("[provider/44f] a refused exchange is told with the server's words, escaped, and stores nothing", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer({
    status: 400,
    body: { error: "invalid_grant", error_description: "<script>alert(1)</script>" },
  });
  const login = await startLogin(home.path, server.url);
  const answer = await login.visit(`/auth/callback?code=canary-code&state=${login.state}`);
  expect(answer.text).toContain("&lt;script&gt;");
  expect(answer.text).not.toContain("<script>");
  const error = (await login.outcome) as LoginError;
  expect(error.message).toBe(
    "token exchange failed: token endpoint returned status 400: <script>alert(1)</script>",
  );
  expect(answer.text + error.message).not.toContain("canary");
  expect(await readdir(home.path)).toEqual([]);
});

test("[provider/44g] a login for another workspace stores nothing", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const login = await startLogin(home.path, server.url, { forcedWorkspaceIds: ["acct-other"] });
  await login.visit(`/auth/callback?code=x&state=${login.state}`);
  expect(await login.outcome).toMatchObject({ reason: "workspace_not_allowed" });
  expect(await readdir(home.path)).toEqual([]);
});

test("[provider/44h] the previous login is revoked once, after the new one is stored", async () => {
  await using home = await temporaryDirectory();
  let storedAtRevocation = "";
  await using revocation = await startLoopback(async () => {
    storedAtRevocation = await readFile(join(home.path, "auth.json"), "utf8");
    return {};
  });
  await using server = await issuer();
  await writeAuthFile(home.path, chatgptLogin({ refreshToken: "old" }));
  const env = { CODEX_REVOKE_TOKEN_URL_OVERRIDE: revocation.url };
  const login = await startLogin(home.path, server.url, { env });
  await login.visit(`/auth/callback?code=x&state=${login.state}`);
  await login.visit("/success");
  await login.outcome;
  expect(revocation.requests.map(({ json }) => (json as { token: string }).token)).toEqual(["old"]);
  expect(storedAtRevocation).toContain("refresh-b");
});

test("[provider/44i] a busy port is asked once to cancel, then waited for, then the next one is taken", async () => {
  await using home = await temporaryDirectory();
  const cancels: string[] = [];
  const busy = createServer((request, response) => {
    cancels.push(request.url ?? "");
    response.end();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  busy.listen(0, "127.0.0.1", resolve);
  await listening;
  const { port } = busy.address() as AddressInfo;
  await using server = await issuer();
  const clock = manualClock();
  const login = await startLogin(home.path, server.url, { ports: [port, 0], sleep: clock.sleep });
  expect(cancels).toEqual(["/cancel"]);
  expect(clock.sleepsMs).toEqual(Array.from({ length: 10 }, () => 200));
  await login.visit("/cancel");
  await login.outcome;

  const stuck = await loginWithBrowser(
    { codexHome: home.path, env: {}, client: testClient },
    { issuer: server.url, ports: [port], onUrl: () => {}, sleep: clock.sleep },
  ).catch((error: unknown) => error);
  expect(stuck).toMatchObject({ reason: "port_in_use" });
  busy.close();
});

test("[provider/44j] a second login ends the first one through /cancel", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const first = await startLogin(home.path, server.url);
  const port = Number(new URL(first.callbackBase).port);
  const second = await startLogin(home.path, server.url, { ports: [port] });
  expect(await first.outcome).toMatchObject({ reason: "cancelled" });
  await second.visit("/cancel");
  expect(await second.outcome).toMatchObject({ reason: "cancelled" });
});

test("an abort ends the login and frees the port", async () => {
  await using home = await temporaryDirectory();
  await using server = await issuer();
  const abort = new AbortController();
  const login = await startLogin(home.path, server.url, { signal: abort.signal });
  abort.abort(new Error("stopped"));
  expect(await login.outcome).toEqual(new Error("stopped"));
  await expect(login.visit("/")).rejects.toThrow("fetch failed");
});

test("[provider/44k] an API key is only exchanged for on request", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(({ text }) =>
    text.includes("token-exchange") ? { body: { access_token: "sk-exchanged" } } : { body: tokens },
  );
  const login = await startLogin(home.path, server.url, { exchangesForApiKey: true });
  await login.visit(`/auth/callback?code=x&state=${login.state}`);
  await login.visit("/success");
  await login.outcome;
  expect(Object.fromEntries(new URLSearchParams(server.requests[1]?.text))).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    requested_token: "openai-api-key",
    subject_token: tokens.id_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
  });
  expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toMatchObject({
    auth_mode: "chatgpt",
    OPENAI_API_KEY: "sk-exchanged",
  });
});

test("[provider/44l] a request for what is no address is answered 404 and the login goes on", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ body: tokens }));
  const login = await startLogin(home.path, server.url);
  expect((await login.visit("//")).status).toBe(404);
  await login.visit(`/auth/callback?code=c&state=${login.state}`);
  await login.visit("/success");
  expect(await login.outcome).toMatchObject({ email: "user@example.com" });
});

test("[provider/44m] a server that repeats code and verifier in its refusal does not get them shown", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(({ text }) => ({
    status: 400,
    body: { error_description: `no: ${new URLSearchParams(text).get("code_verifier")} ${text}` },
  }));
  const login = await startLogin(home.path, server.url);
  const page = await login.visit(`/auth/callback?code=canary-code-1&state=${login.state}`);
  const verifier = new URLSearchParams(server.requests[0]?.text).get("code_verifier") ?? "";
  expect(verifier.length).toBeGreaterThan(40);
  for (const shown of [page.text, ((await login.outcome) as LoginError).message]) {
    expect(shown).toContain("returned status 400: no: [redacted]");
    expect(shown).not.toContain("canary-code-1");
    expect(shown).not.toContain(verifier);
  }
});

test("[provider/44n] a callback that comes twice is exchanged once", async () => {
  await using home = await temporaryDirectory();
  let again: number | undefined;
  let login: RunningLogin | undefined;
  await using server = await startLoopback(async () => {
    again ??= (await login?.visit(`/auth/callback?code=c&state=${login.state}`))?.status;
    return { body: tokens };
  });
  login = await startLogin(home.path, server.url);
  await login.visit(`/auth/callback?code=c&state=${login.state}`);
  await login.visit("/success");
  expect(await login.outcome).toMatchObject({ email: "user@example.com" });
  expect(again).toBe(400);
  expect(server.requests).toHaveLength(1);
});

test("[provider/46d] a new login with the same refresh token revokes nothing", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ body: tokens }));
  await writeAuthFile(home.path, chatgptLogin({ refreshToken: tokens.refresh_token }));
  const env = { CODEX_REVOKE_TOKEN_URL_OVERRIDE: `${server.url}/revoke` };
  const login = await startLogin(home.path, server.url, { env });
  await login.visit(`/auth/callback?code=c&state=${login.state}`);
  await login.visit("/success");
  await login.outcome;
  expect(server.requests.map(({ url }) => url)).toEqual(["/oauth/token"]);
});
