import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  checkLoginMethod,
  enforceLoginRestrictions,
  loginStatus,
  loginWithAccessToken,
  loginWithApiKey,
  logout,
  parseForcedLoginMethod,
  parseForcedWorkspaceIds,
} from "@codex-ts/model-provider";
import type { CredentialContext } from "@codex-ts/model-provider";
import { chatgptLogin, manager, refreshEnv, testClient, writeAuthFile } from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

function context(codexHome: string, options: Partial<CredentialContext> = {}): CredentialContext {
  return { codexHome, env: {}, client: testClient, ephemeral: new Map(), ...options };
}

async function enforce(
  home: string,
  forcedLoginMethod: "chatgpt" | "api" | undefined,
  forcedWorkspaceIds: readonly string[] = [],
): Promise<void> {
  const snapshot = await manager(home).auth();
  const subject = context(home, { forcedWorkspaceIds });
  await enforceLoginRestrictions(subject, { snapshot, forcedLoginMethod });
}

describe("API key", () => {
  test("[provider/43] is trimmed, stored and shown masked; nothing is asked", async () => {
    await using home = await temporaryDirectory();
    await loginWithApiKey(context(home.path), "  sk-proj-1234567890ABCDE\n");
    expect(await readFile(join(home.path, "auth.json"), "utf8")).toBe(
      '{\n  "auth_mode": "apikey",\n  "OPENAI_API_KEY": "sk-proj-1234567890ABCDE"\n}',
    );
    expect(await loginStatus(context(home.path))).toEqual({
      kind: "apikey",
      maskedKey: "sk-proj-***ABCDE",
    });
  });

  test.each([
    ["1234567890123", "***"],
    ["12345678901234", "12345678***01234"],
  ])("[provider/43b] %s is shown as %s", async (key, maskedKey) => {
    await using home = await temporaryDirectory();
    await loginWithApiKey(context(home.path), key);
    expect(await loginStatus(context(home.path))).toEqual({ kind: "apikey", maskedKey });
  });

  test("[provider/43c] nothing given is an error, nothing is stored", async () => {
    await using home = await temporaryDirectory();
    await expect(loginWithApiKey(context(home.path), " \n")).rejects.toMatchObject({
      code: "login_failed",
      reason: "no_credential",
    });
    expect(await readdir(home.path)).toEqual([]);
  });

  test("[provider/unwritable-home] a home that cannot be written is a clear error", async () => {
    await using home = await temporaryDirectory();
    const file = join(home.path, "file");
    await writeFile(file, "");
    await expect(loginWithApiKey(context(join(file, "home")), "sk-canary")).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(/^lock .*: E\w+$/),
    });
  });

  test("[provider/43d] variables do not count as a login", async () => {
    await using home = await temporaryDirectory();
    const env = { CODEX_API_KEY: "k", CODEX_ACCESS_TOKEN: "at-1" };
    expect(await loginStatus(context(home.path, { env }))).toEqual({ kind: "none" });
  });
});

describe("access token", () => {
  const whoami = {
    email: "pat@example.com",
    chatgpt_user_id: "u",
    chatgpt_account_id: "acct-p",
    chatgpt_plan_type: "pro",
    chatgpt_account_is_fedramp: false,
  };

  test("[provider/41d] a personal access token is confirmed, then stored without a mode", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: whoami }));
    const subject = context(home.path, { env: { CODEX_AUTHAPI_BASE_URL: server.url } });
    expect(await loginWithAccessToken(subject, "at-1\n")).toMatchObject({
      email: "pat@example.com",
    });
    expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toEqual({
      OPENAI_API_KEY: null,
      personal_access_token: "at-1",
    });
    expect(await loginStatus(subject)).toEqual({ kind: "personalAccessToken" });
  });

  test("[provider/41e] a refused token is an error, nothing is stored", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ status: 401 }));
    const subject = context(home.path, { env: { CODEX_AUTHAPI_BASE_URL: server.url } });
    await expect(loginWithAccessToken(subject, "at-1")).rejects.toMatchObject({
      code: "token_rejected",
    });
    expect(await readdir(home.path)).toEqual([]);
  });

  test("[provider/41f] a token of another workspace is refused, nothing is stored", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: whoami }));
    const subject = context(home.path, {
      env: { CODEX_AUTHAPI_BASE_URL: server.url },
      forcedWorkspaceIds: ["acct-other"],
    });
    await expect(loginWithAccessToken(subject, "at-1")).rejects.toMatchObject({
      reason: "workspace_not_allowed",
    });
    expect(await readdir(home.path)).toEqual([]);
  });
});

test("a new login forgets that the old one was refused", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ status: 401, body: {} }));
  await writeAuthFile(home.path, chatgptLogin());
  const env = refreshEnv(server.url);
  const refused = manager(home.path, { env }).refreshTokenFromAuthority();
  await expect(refused).rejects.toMatchObject({ kind: "permanent" });
  expect(await readdir(home.path)).toContain("auth.refresh.failed");
  await loginWithApiKey(context(home.path, { env }), "sk-1");
  expect(await readdir(home.path)).toEqual(["auth.json"]);
});

describe("logout", () => {
  test("[provider/46] revokes the refresh token, removes the file, and says whether there was a login", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({}));
    const subject = context(home.path, { env: refreshEnv(`${server.url}/x/y?z=1`) });
    await writeAuthFile(home.path, chatgptLogin());
    expect(await logout(subject)).toBe(true);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: "POST", url: "/oauth/revoke" });
    expect(server.requests[0]?.json).toEqual({
      token: "refresh-1",
      token_type_hint: "refresh_token",
      client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    });
    expect(await readdir(home.path)).toEqual([]);
    expect(await logout(subject)).toBe(false);
  });

  test("[provider/46b] without a refresh token the access token is revoked, without a client id", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({}));
    const subject = context(home.path, {
      env: { CODEX_REVOKE_TOKEN_URL_OVERRIDE: `${server.url}/r` },
    });
    const login = chatgptLogin({ refreshToken: "" });
    await writeAuthFile(home.path, login);
    await logout(subject);
    expect(server.requests[0]?.url).toBe("/r");
    expect(server.requests[0]?.json).toEqual({
      token: login.tokens.access_token,
      token_type_hint: "access_token",
    });
  });

  test("[provider/46c] a server that refuses changes nothing; a file that cannot be read is removed too", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ status: 500, body: "canary" }));
    const warnings: string[] = [];
    const subject = context(home.path, {
      env: refreshEnv(server.url),
      warn: (message) => warnings.push(message),
    });
    await writeAuthFile(home.path, chatgptLogin());
    expect(await logout(subject)).toBe(true);
    expect(warnings).toEqual([
      "credentials are sent to the servers named by CODEX_REFRESH_TOKEN_URL_OVERRIDE",
      "the old login could not be revoked: status 500 Internal Server Error",
    ]);
    await writeAuthFile(home.path, "corrupt");
    expect(await logout(subject)).toBe(true);
    expect(await readdir(home.path)).toEqual([]);
  });

  test("[provider/46e] a keyring that fails does not protect the file: it is removed, then the failure is told", async () => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin());
    const fail = () => Promise.reject(new Error("locked"));
    const keyring = { get: fail, set: fail, delete: fail };
    await expect(logout(context(home.path, { storeMode: "keyring", keyring }))).rejects.toThrow(
      "locked",
    );
    expect(await readdir(home.path)).toEqual([]);
  });

  test("[provider/46d] a new login revokes the one it replaces, once", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({}));
    const subject = context(home.path, { env: refreshEnv(server.url) });
    await writeAuthFile(home.path, chatgptLogin());
    await loginWithApiKey(subject, "sk-1");
    await loginWithApiKey(subject, "sk-2");
    expect(server.requests.map(({ json }) => (json as { token: string }).token)).toEqual([
      "refresh-1",
    ]);
  });
});

describe("restrictions", () => {
  test("[provider/47] the wrong method logs out and says which one is required", async () => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin());
    await expect(enforce(home.path, "api")).rejects.toThrow(
      "API key login is required, but ChatGPT was in use: logged out",
    );
    expect(await readdir(home.path)).toEqual([]);
    await loginWithApiKey(context(home.path), "sk-1");
    await expect(enforce(home.path, "chatgpt")).rejects.toThrow(
      "ChatGPT login is required, but an API key was in use: logged out",
    );
    expect(await readdir(home.path)).toEqual([]);
    await enforce(home.path, "chatgpt");
  });

  test("[provider/47b] a workspace outside the list logs out; API keys are not concerned", async () => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin());
    await enforce(home.path, "chatgpt", ["acct-1"]);
    await expect(enforce(home.path, undefined, ["a", "b"])).rejects.toThrow(
      "login is restricted to workspace a, b, but the credentials in use belong to acct-1: logged out",
    );
    expect(await readdir(home.path)).toEqual([]);
    await loginWithApiKey(context(home.path), "sk-1");
    await enforce(home.path, undefined, ["a"]);
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  });

  test("[provider/47c] workspace ids: one, a list, blanks; a text with a comma is refused", () => {
    expect(parseForcedWorkspaceIds(undefined)).toEqual([]);
    expect(parseForcedWorkspaceIds(" a ")).toEqual(["a"]);
    expect(parseForcedWorkspaceIds(["a ", "", " b"])).toEqual(["a", "b"]);
    expect(() => parseForcedWorkspaceIds("a,b")).toThrow(/forced_chatgpt_workspace_id: .*list/);
    expect(() => parseForcedWorkspaceIds(3)).toThrow(/forced_chatgpt_workspace_id/);
    expect(parseForcedLoginMethod("api")).toBe("api");
    expect(() => parseForcedLoginMethod("sso")).toThrow(/forced_login_method: expected/);
  });

  test("[provider/47d] login commands refuse the other method", () => {
    checkLoginMethod("api", "api");
    checkLoginMethod("chatgpt", undefined);
    expect(() => checkLoginMethod("chatgpt", "api")).toThrow(/log in with an API key/);
    expect(() => checkLoginMethod("api", "chatgpt")).toThrow(/log in with ChatGPT/);
  });
});
