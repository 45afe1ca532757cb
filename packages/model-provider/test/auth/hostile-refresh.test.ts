import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { StoredCredentials, createCredentialStore } from "@codex-ts/model-provider";
import { refreshOnce } from "../../src/auth/refresh-coordinator.ts";
import { attached } from "../support/headers.ts";
import {
  accessToken,
  chatgptLogin,
  manager,
  refreshEnv,
  testClient,
  writeAuthFile,
} from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

const renewed = { access_token: accessToken({ marker: "second" }), refresh_token: "refresh-2" };

test("[provider/lost-lock] a process that was stopped while it held the lock does not spend a token somebody else has spent", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ body: renewed }));
  await writeAuthFile(home.path, chatgptLogin());
  const file = createCredentialStore({ codexHome: home.path });
  const attempted = await file.load();
  if (attempted === undefined) throw new Error("no login");
  let isStopped = true;
  const store = {
    ...file,
    async load() {
      const found = await file.load();
      if (isStopped) {
        // Meanwhile another process broke the lock, refreshed, and let go again.
        await rm(join(home.path, "auth.refresh.lock"));
        await writeAuthFile(home.path, chatgptLogin({ refreshToken: "theirs", marker: "theirs" }));
      }
      isStopped = false;
      return found;
    },
  };
  const outcome = await refreshOnce(attempted, {
    store,
    lockDirectory: home.path,
    env: refreshEnv(server.url),
    client: testClient,
    now: Date.now,
    warn: () => {},
  });
  expect(outcome.tokens?.refreshToken.expose()).toBe("theirs");
  expect(server.requests).toHaveLength(0);
});

test("[provider/27c] where the server keeps the refresh token, one call still serves everybody", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({
    body: { access_token: accessToken({ marker: "second" }) },
  }));
  await writeAuthFile(home.path, chatgptLogin({ expiresInMs: -1 }));
  const owners = Array.from({ length: 4 }, () =>
    manager(home.path, { env: refreshEnv(server.url) }),
  );
  await Promise.all(owners.map((owner) => owner.auth()));
  expect(server.requests).toHaveLength(1);
});

test("[provider/24b] empty tokens in the answer do not replace those that are stored", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({
    body: { ...renewed, id_token: "", refresh_token: "" },
  }));
  const login = chatgptLogin();
  await writeAuthFile(home.path, login);
  await manager(home.path, { env: refreshEnv(server.url) }).refreshTokenFromAuthority();
  const stored = JSON.parse(await readFile(join(home.path, "auth.json"), "utf8")) as typeof login;
  expect(stored.tokens).toEqual({ ...login.tokens, access_token: renewed.access_token });
});

test("[provider/24c] a login without a refresh token is refused without a call", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ body: renewed }));
  await writeAuthFile(home.path, chatgptLogin({ refreshToken: "" }));
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "permanent" });
  expect(server.requests).toHaveLength(0);
});

test("[provider/24d] a file that became unreadable during the call does not cost the new tokens", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(async () => {
    await writeFile(join(home.path, "auth.json"), '{"tokens": {');
    return { body: renewed };
  });
  await writeAuthFile(home.path, chatgptLogin());
  await manager(home.path, { env: refreshEnv(server.url) }).refreshTokenFromAuthority();
  const text = await readFile(join(home.path, "auth.json"), "utf8");
  expect(StoredCredentials.parse(text).tokens?.refreshToken.expose()).toBe("refresh-2");
});

test("a logout during the call stays a logout", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(async () => {
    await rm(join(home.path, "auth.json"));
    return { body: renewed };
  });
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({
    reason: "account_mismatch",
  });
  await expect(readFile(join(home.path, "auth.json"))).rejects.toThrow("ENOENT");
});

test("[provider/26c] an unexplained refusal recorded by a clock of the future is not believed", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ status: 401, body: {} }));
  await writeAuthFile(home.path, chatgptLogin());
  const env = refreshEnv(server.url);
  const start = Date.now();
  for (const nowMs of [start + 86_400_000, start]) {
    const subject = manager(home.path, { env, now: () => nowMs });
    await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "permanent" });
  }
  expect(server.requests).toHaveLength(2);
});

test.each(["http://192.0.2.1/token", "http://token.example/"])(
  "[provider/https-only] a refresh token is not sent in clear text to %s",
  async (url) => {
    await using home = await temporaryDirectory();
    await writeAuthFile(home.path, chatgptLogin());
    const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: url };
    await expect(manager(home.path, { env }).refreshTokenFromAuthority()).rejects.toMatchObject({
      kind: "transient",
      message: expect.stringContaining("must be https"),
    });
  },
);

test("a login during the call beats the refreshed one", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(async () => {
    await writeAuthFile(home.path, chatgptLogin({ refreshToken: "fresh", marker: "fresh" }));
    return { body: renewed };
  });
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.refreshTokenFromAuthority();
  const text = await readFile(join(home.path, "auth.json"), "utf8");
  expect(StoredCredentials.parse(text).tokens?.refreshToken.expose()).toBe("fresh");
  expect(attached(subject.authCached()?.authProvider).authorization).toBe(
    `Bearer ${accessToken({ marker: "fresh" })}`,
  );
});

test("a login that was changed to an API key meanwhile is not refreshed, though its tokens are still there", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ body: renewed }));
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  await writeAuthFile(home.path, { ...chatgptLogin(), auth_mode: "apikey", OPENAI_API_KEY: "k" });
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({
    reason: "account_mismatch",
  });
  expect(server.requests).toHaveLength(0);
});

test("[provider/26d] a refusal by one endpoint says nothing about another", async () => {
  await using home = await temporaryDirectory();
  await using refusing = await startLoopback(() => ({
    status: 401,
    body: { error: "refresh_token_expired" },
  }));
  await using server = await startLoopback(() => ({ body: renewed }));
  await writeAuthFile(home.path, chatgptLogin());
  const attempt = (url: string) =>
    manager(home.path, { env: refreshEnv(url) }).refreshTokenFromAuthority();
  await expect(attempt(refusing.url)).rejects.toMatchObject({ reason: "expired" });
  await attempt(server.url);
  expect(server.requests).toHaveLength(1);
});

test("[provider/24e] new tokens that cannot be stored are used, and the user is told", async () => {
  await using home = await temporaryDirectory();
  const path = join(home.path, "auth.json");
  await using server = await startLoopback(async () => {
    await rm(path);
    await mkdir(join(path, "in-the-way"), { recursive: true });
    return { body: renewed };
  });
  await writeAuthFile(home.path, chatgptLogin());
  const warnings: string[] = [];
  const subject = manager(home.path, {
    env: refreshEnv(server.url),
    warn: (message) => warnings.push(message),
  });
  await subject.refreshTokenFromAuthority();
  expect(attached(subject.authCached()?.authProvider).authorization).toBe(
    `Bearer ${renewed.access_token}`,
  );
  expect(warnings.at(-1)).toMatch(/could not be stored \(store_unavailable\); log in again/);
});

test("[provider/26b] within one process a refusal is final, whatever the record on disk says", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({ status: 401, body: {} }));
  await writeAuthFile(home.path, chatgptLogin());
  let nowMs = Date.now();
  const subject = manager(home.path, { env: refreshEnv(server.url), now: () => nowMs });
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "permanent" });
  nowMs += 660_000;
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "permanent" });
  expect(server.requests).toHaveLength(1);
});

test("[provider/25c] an answer longer than a mebibyte is none", async () => {
  await using home = await temporaryDirectory();
  await using server = await startLoopback(() => ({
    body: { ...renewed, filler: "x".repeat(1_048_576) },
  }));
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await expect(subject.refreshTokenFromAuthority()).rejects.toMatchObject({ kind: "transient" });
});
