import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { Secret } from "@codex-ts/model-provider";
import type { RefreshTokenError } from "@codex-ts/model-provider";
import { attached } from "../support/headers.ts";
import {
  accessToken,
  chatgptLogin,
  idToken,
  manager,
  refreshEnv,
  writeAuthFile,
} from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const renewed = () => ({
  id_token: idToken(),
  access_token: accessToken({ marker: "second" }),
  refresh_token: "refresh-2",
});

async function storedDocument(home: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(home, "auth.json"), "utf8")) as Record<string, unknown>;
}

describe("loading", () => {
  test("[provider/17b] a ChatGPT login attaches token and account, FedRAMP only when the token says so", async () => {
    await using home = await temporaryDirectory();
    const login = chatgptLogin({ fedramp: true });
    await writeAuthFile(home.path, login);
    const snapshot = await manager(home.path).auth();
    expect(attached(snapshot?.authProvider)).toEqual({
      authorization: `Bearer ${login.tokens.access_token}`,
      "chatgpt-account-id": "acct-1",
      "x-openai-fedramp": "true",
    });
    expect(snapshot).toMatchObject({
      mode: "chatgpt",
      accountId: "acct-1",
      account: { email: "user@example.com", planType: "pro", userId: "user-1" },
    });
  });

  test("nobody is logged in without a file", async () => {
    await using home = await temporaryDirectory();
    expect(await manager(home.path).auth()).toBeUndefined();
  });

  test.each<[string, object]>([
    ["no last_refresh", { last_refresh: undefined }],
    ["null for last_refresh", { last_refresh: null }],
    ["no last_refresh and an empty refresh token", { last_refresh: undefined, refresh: "" }],
  ])("[provider/login-without-time] a login with %s is used", async (_what, { ...changes }) => {
    await using home = await temporaryDirectory();
    const login = chatgptLogin();
    const { refresh, ...others } = changes as { refresh?: string };
    const tokens = { ...login.tokens, ...(refresh !== undefined && { refresh_token: refresh }) };
    await writeAuthFile(home.path, { ...login, tokens, ...others });
    const warnings: string[] = [];
    const snapshot = await manager(home.path, { warn: (text) => warnings.push(text) }).auth();
    expect(attached(snapshot?.authProvider)).toMatchObject({
      authorization: `Bearer ${login.tokens.access_token}`,
    });
    expect(warnings).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ["no tokens", { auth_mode: "chatgpt" }, /it has no tokens;/],
    [
      "a blank access token",
      { ...chatgptLogin(), tokens: { ...chatgptLogin().tokens, access_token: " " } },
      /it has no tokens\.access_token;/,
    ],
    ["no key", { auth_mode: "apikey", OPENAI_API_KEY: null }, /it has no OPENAI_API_KEY;/],
    ["a blank key", { OPENAI_API_KEY: "" }, /it has no OPENAI_API_KEY;/],
    ["no identity", { auth_mode: "agentIdentity" }, /it has no agent_identity;/],
    ["no personal token", { personal_access_token: "" }, /it has no personal_access_token;/],
    ["a kind for others", { auth_mode: "bedrockApiKey" }, /the kind bedrockApiKey cannot/],
  ])(
    "[provider/incomplete-login] a login with %s is an error that names file and key",
    async (_what, document, problem) => {
      await using home = await temporaryDirectory();
      await writeAuthFile(home.path, document);
      const error = await manager(home.path)
        .auth()
        .catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject({ code: "credentials_incomplete" });
      const { message } = error as Error;
      expect(message).toMatch(problem);
      expect(message).toContain(join(home.path, "auth.json"));
    },
  );

  test("[provider/empty-login] a file that holds no credential at all means nobody is logged in", async () => {
    await using home = await temporaryDirectory();
    for (const document of [{}, { OPENAI_API_KEY: null }, { OPENAI_API_KEY: null, other: 1 }]) {
      await writeAuthFile(home.path, document);
      expect(await manager(home.path).auth()).toBeUndefined();
    }
  });

  test("[provider/18d] a corrupt file is a clean error without its content, and is read again once repaired", async () => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, '{"tokens": canary-secret');
    const subject = manager(home.path);
    const error = await subject.auth().catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: "credentials_unreadable" });
    expect((error as Error).message).toMatch(/auth\.json cannot be used: .*log in again/);
    expect((error as Error).message).not.toContain("canary");
    await writeAuthFile(home.path, chatgptLogin());
    expect((await subject.auth())?.mode).toBe("chatgpt");
  });

  test("[provider/14] API key variable, host tokens, access token variable, file: the first one counts", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({
      body: {
        email: "pat@example.com",
        chatgpt_user_id: "u",
        chatgpt_account_id: "acct-pat",
        chatgpt_plan_type: "pro",
        chatgpt_account_is_fedramp: false,
      },
    }));
    await writeAuthFile(home.path, chatgptLogin());
    const env = {
      CODEX_API_KEY: " key ",
      CODEX_ACCESS_TOKEN: "at-1",
      OPENAI_API_KEY: "never",
      CODEX_AUTHAPI_BASE_URL: server.url,
    };
    const ephemeral = new Map();
    const modeOf = async (options: object) =>
      (await manager(home.path, { env, ephemeral, ...options }).auth())?.mode;

    expect(await modeOf({ env: { OPENAI_API_KEY: "never" } })).toBe("chatgpt");
    expect(await modeOf({})).toBe("personalAccessToken");
    const host = manager(home.path, { env, ephemeral });
    await host.useHostTokens({ accessToken: new Secret(idToken()), accountId: "acct-host" });
    expect(await modeOf({})).toBe("chatgptAuthTokens");
    expect(await modeOf({ isApiKeyVariableEnabled: true })).toBe("apikey");
  });

  test("[provider/14b] OPENAI_API_KEY alone is no credential", async () => {
    await using home = await temporaryDirectory();
    const subject = manager(home.path, {
      env: { OPENAI_API_KEY: "k" },
      isApiKeyVariableEnabled: true,
    });
    expect(await subject.auth()).toBeUndefined();
  });
});

describe("proactive refresh", () => {
  test.each([
    { name: "4 minutes left", expiresInMs: 4 * MINUTE_MS, lastRefreshAgoMs: 0, posts: 1 },
    {
      name: "6 minutes left, old refresh",
      expiresInMs: 6 * MINUTE_MS,
      lastRefreshAgoMs: 30 * DAY_MS,
      posts: 0,
    },
    { name: "opaque, 9 days", expiresInMs: null, lastRefreshAgoMs: 9 * DAY_MS, posts: 1 },
    { name: "opaque, 7 days", expiresInMs: null, lastRefreshAgoMs: 7 * DAY_MS, posts: 0 },
  ])(
    "[provider/22] $name: $posts refresh calls",
    async ({ expiresInMs, lastRefreshAgoMs, posts }) => {
      await using home = await temporaryDirectory();
      await using server = await startLoopback(() => ({ body: renewed() }));
      await writeAuthFile(home.path, chatgptLogin({ expiresInMs, lastRefreshAgoMs }));
      const subject = manager(home.path, { env: refreshEnv(server.url) });
      const before = chatgptLogin({ expiresInMs, lastRefreshAgoMs });
      const { authorization } = attached((await subject.auth())?.authProvider);
      expect(server.requests.map(({ url }) => url)).toEqual(posts === 1 ? ["/oauth/token"] : []);
      expect(authorization).toBe(
        `Bearer ${posts === 1 ? renewed().access_token : before.tokens.access_token}`,
      );
    },
  );

  test.each([401, 500])(
    "[provider/23] a failure (%d) is told once, without the body, and the old token is used",
    async (status) => {
      await using home = await temporaryDirectory();
      await using server = await startLoopback(() => ({ status, body: { error: "canary-body" } }));
      const login = chatgptLogin({ expiresInMs: -1 });
      await writeAuthFile(home.path, login);
      const warnings: string[] = [];
      const subject = manager(home.path, {
        env: refreshEnv(server.url),
        warn: (message) => warnings.push(message),
      });
      for (let request = 0; request < 3; request += 1) {
        expect(attached((await subject.auth())?.authProvider).authorization).toBe(
          `Bearer ${login.tokens.access_token}`,
        );
      }
      const failures = warnings.filter((message) => message.includes("could not be refreshed"));
      expect(failures).toHaveLength(1);
      expect(failures[0]).not.toContain("canary");
    },
  );
});

describe("the refresh call", () => {
  test("[provider/24] is JSON with exactly three keys and no authorization; the answer replaces what it names", async () => {
    await using home = await temporaryDirectory();
    const access = accessToken({ marker: "second" });
    await using server = await startLoopback(() => ({ body: { access_token: access } }));
    const base = chatgptLogin({ lastRefreshAgoMs: DAY_MS });
    const login = {
      ...base,
      future_key: { kept: true },
      tokens: { ...base.tokens, login_owner_id: "owner" },
    };
    await writeAuthFile(home.path, login);
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await subject.auth();
    await subject.refreshTokenFromAuthority();

    expect(server.requests[0]).toMatchObject({ method: "POST", url: "/oauth/token" });
    expect(server.requests[0]?.json).toEqual({
      client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
      grant_type: "refresh_token",
      refresh_token: "refresh-1",
    });
    expect(server.requests[0]?.headers).toMatchObject({
      "content-type": "application/json",
      originator: "codex_ts_test",
      "user-agent": "codex-ts-test/1",
    });
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");

    const stored = await storedDocument(home.path);
    expect(stored).toEqual({
      ...login,
      tokens: { ...login.tokens, access_token: access },
      last_refresh: expect.any(String),
    });
    expect(Date.parse(stored["last_refresh"] as string)).toBeGreaterThan(Date.now() - MINUTE_MS);
  });

  test("[provider/18c] unknown keys survive a refresh, the file stays pretty-printed and private", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: renewed() }));
    await writeAuthFile(home.path, {
      ...chatgptLogin(),
      bedrock_api_key: { api_key: "b", region: "r" },
    });
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await subject.refreshTokenFromAuthority();
    const text = await readFile(join(home.path, "auth.json"), "utf8");
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
    expect(await storedDocument(home.path)).toMatchObject({
      bedrock_api_key: { api_key: "b", region: "r" },
      tokens: { refresh_token: "refresh-2", account_id: "acct-1" },
    });
  });

  test.each<[number, object | string, Partial<RefreshTokenError>]>([
    [401, "no json", { kind: "permanent", reason: "other" }],
    [401, { error: { code: "refresh_token_expired" } }, { kind: "permanent", reason: "expired" }],
    [401, { error: "REFRESH_TOKEN_REUSED" }, { kind: "permanent", reason: "exhausted" }],
    [401, { code: "refresh_token_invalidated" }, { kind: "permanent", reason: "revoked" }],
    [400, { error: { code: "refresh_token_expired" } }, { kind: "permanent", reason: "expired" }],
    [403, { error: "refresh_token_invalidated" }, { kind: "permanent", reason: "revoked" }],
    [400, { error: "invalid_grant" }, { kind: "permanent", reason: "other" }],
    [400, { error: "invalid_request" }, { kind: "transient", reason: undefined }],
    [500, { error: { code: "refresh_token_expired" } }, { kind: "transient" }],
    [200, "no json", { kind: "transient" }],
  ])("[provider/25] answer %d %j is judged", async (status, body, expected) => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ status, body }));
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    const error = await subject.refreshTokenFromAuthority().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "refresh_token_failed", ...expected });
  });

  test("[provider/25b] an endpoint that cannot be reached is transient", async () => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv("http://127.0.0.1:1") });
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "transient" });
  });

  test("[provider/refresh-limit] the call is given up after 10 seconds and frees the lock", async () => {
    await using home = await temporaryDirectory();
    const limit = new AbortController();
    await using server = await startLoopback(() => {
      limit.abort();
      return "hang";
    });
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await subject.auth();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({
      kind: "transient",
      message: expect.stringContaining("no response within 10000 ms"),
    });
    expect(timeout).toHaveBeenCalledExactlyOnceWith(10_000);
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  });

  test("[provider/no-redirects] a redirect is an answer like any other: nothing is sent elsewhere", async () => {
    await using home = await temporaryDirectory();
    await using elsewhere = await startLoopback(() => ({ body: renewed() }));
    await using server = await startLoopback(() => ({
      status: 307,
      headers: { location: elsewhere.url },
    }));
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "transient" });
    expect(elsewhere.requests).toEqual([]);
  });

  test("[provider/26] after a permanent refusal no second call is made until the file changes", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback((request) =>
      (request.json as { refresh_token: string }).refresh_token === "refresh-1"
        ? { status: 401, body: { error: "refresh_token_expired" } }
        : { body: renewed() },
    );
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    const fail = { kind: "permanent", reason: "expired" };
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject(fail);
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject(fail);
    expect(subject.permanentFailure()).toMatchObject(fail);
    expect(server.requests).toHaveLength(1);

    // Another process is spared the call as well.
    const other = manager(home.path, { env: refreshEnv(server.url) });
    await expect(other.refreshTokenFromAuthority()).rejects.toMatchObject(fail);
    expect(server.requests).toHaveLength(1);

    await writeAuthFile(home.path, chatgptLogin({ refreshToken: "refresh-9" }));
    await subject.reload();
    expect(subject.permanentFailure()).toBeUndefined();
    await subject.refreshTokenFromAuthority();
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ["refresh_token_invalidated", 1],
    ["unheard_of", 2],
  ])(
    "[provider/26b] a refusal with code %s is believed by a later process: %d calls in all",
    async (code, calls) => {
      await using home = await temporaryDirectory();
      await using server = await startLoopback(() => ({ status: 401, body: { error: code } }));
      await writeAuthFile(home.path, chatgptLogin());
      const env = refreshEnv(server.url);
      const attempt = (nowMs: number) =>
        manager(home.path, { env, now: () => nowMs }).refreshTokenFromAuthority();
      const start = Date.now();
      for (const nowMs of [start, start + 9 * MINUTE_MS, start + 11 * MINUTE_MS]) {
        await expect(attempt(nowMs)).rejects.toMatchObject({ kind: "permanent" });
      }
      expect(server.requests).toHaveLength(calls);
    },
  );

  test("[provider/27] ten requests with an expired token make one call", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: renewed() }));
    await writeAuthFile(home.path, chatgptLogin({ expiresInMs: -1 }));
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    const snapshots = await Promise.all(Array.from({ length: 10 }, () => subject.auth()));
    expect(server.requests).toHaveLength(1);
    expect(new Set(snapshots).size).toBe(1);
  });

  test("[provider/28] a reused answer while the file holds a newer token of the same account is no error", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(async () => {
      // A program that does not know our lock has refreshed at the same moment.
      await writeAuthFile(home.path, chatgptLogin({ refreshToken: "theirs", marker: "theirs" }));
      return { status: 401, body: { error: { code: "refresh_token_reused" } } };
    });
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await subject.refreshTokenFromAuthority();
    expect(attached(subject.authCached()?.authProvider).authorization).toBe(
      `Bearer ${accessToken({ marker: "theirs" })}`,
    );
  });

  test("an unreadable id token in the answer does not cost the login", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({
      body: { ...renewed(), id_token: "no jwt" },
    }));
    await writeAuthFile(home.path, chatgptLogin());
    const subject = manager(home.path, { env: refreshEnv(server.url) });
    await subject.refreshTokenFromAuthority();
    expect(await storedDocument(home.path)).toMatchObject({
      tokens: { id_token: idToken(), refresh_token: "refresh-2" },
    });
  });

  test("no temporary file and no lock stay behind", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: renewed() }));
    await writeAuthFile(home.path, chatgptLogin());
    await writeFile(join(home.path, ".auth.json.codex-ts-0123"), "left by a killed process");
    await manager(home.path, { env: refreshEnv(server.url) }).refreshTokenFromAuthority();
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  });
});

test("listeners hear of other credentials and only of those", async () => {
  await using home = await temporaryDirectory();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path);
  await subject.auth();
  let changes = 0;
  const stop = subject.subscribe(() => (changes += 1));
  expect(await subject.reload()).toBe(false);
  await writeAuthFile(home.path, chatgptLogin({ marker: "other" }));
  expect(await subject.reload()).toBe(true);
  stop();
  await writeAuthFile(home.path, chatgptLogin({ marker: "third" }));
  await subject.reload();
  expect(changes).toBe(1);
});

test("[provider/overrides-announced] variables that redirect secrets are announced by name, without value", async () => {
  await using home = await temporaryDirectory();
  const warnings: string[] = [];
  manager(home.path, {
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: "http://secret.example" },
    warn: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([
    "credentials are sent to the servers named by CODEX_REFRESH_TOKEN_URL_OVERRIDE",
  ]);
});
