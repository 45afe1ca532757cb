import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  BearerAuthProvider,
  RecoveryScope,
  Secret,
  authRequestTelemetryContext,
} from "@codex-ts/model-provider";
import type { AuthManager, HostTokenSource } from "@codex-ts/model-provider";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { attached } from "../support/headers.ts";
import {
  accessToken,
  chatgptLogin,
  idToken,
  jwt,
  manager,
  refreshEnv,
  writeAuthFile,
} from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const bearer = (subject: AuthManager) =>
  attached(subject.authCached()?.authProvider).authorization?.slice("Bearer ".length);

function rotatingServer() {
  let count = 1;
  return startLoopback(() => {
    count += 1;
    return {
      body: {
        access_token: accessToken({ marker: `t${count}` }),
        refresh_token: `refresh-${count}`,
      },
    };
  });
}

test("[provider/29m] a managed login is reloaded, then refreshed, then done", async () => {
  await using home = await temporaryDirectory();
  await using server = await rotatingServer();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  const recovery = subject.unauthorizedRecovery();

  expect([recovery.mode, recovery.phase, recovery.unavailableReason()]).toEqual([
    "managed",
    "reload",
    "ready",
  ]);
  expect(await recovery.next()).toEqual({ authStateChanged: false });
  expect(recovery.phase).toBe("refresh_token");
  expect(server.requests).toHaveLength(0);
  expect(await recovery.next()).toEqual({ authStateChanged: true });
  expect([recovery.phase, recovery.hasNext()]).toEqual(["done", false]);
  expect(recovery.unavailableReason()).toBe("recovery_exhausted");
  expect(bearer(subject)).toBe(accessToken({ marker: "t2" }));
  await expect(recovery.next()).rejects.toThrow("no more recovery steps available");
});

test("[provider/29m] a recovery made before the first request is for the login that request loads", async () => {
  await using home = await temporaryDirectory();
  await using server = await rotatingServer();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  const recovery = subject.unauthorizedRecovery();
  await subject.auth();
  expect([recovery.mode, recovery.phase, recovery.hasNext()]).toEqual(["managed", "reload", true]);
  await recovery.next();
  expect(await recovery.next()).toEqual({ authStateChanged: true });

  const host = manager(home.path, { hostTokens: { refresh: () => Promise.reject(new Error()) } });
  const external = host.unauthorizedRecovery();
  await host.useHostTokens({ accessToken: new Secret(hostToken("acct-h")), accountId: "acct-h" });
  expect([external.mode, external.phase]).toEqual(["external", "external_refresh"]);
});

test("[provider/29m-skip] the repeat after an unchanged reload can be left out", async () => {
  await using home = await temporaryDirectory();
  await using server = await rotatingServer();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  const recovery = subject.unauthorizedRecovery({ repeatAfterUnchangedReload: false });
  expect(await recovery.next()).toEqual({ authStateChanged: true });
  expect(recovery.phase).toBe("done");
});

test("[provider/29am] a token refused although refreshed in the same turn is not refreshed again", async () => {
  await using home = await temporaryDirectory();
  await using server = await rotatingServer();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  const scope = new RecoveryScope();
  const first = subject.unauthorizedRecovery({ scope });
  await first.next();
  await first.next();
  const second = subject.unauthorizedRecovery({ scope });
  expect([second.hasNext(), second.unavailableReason()]).toEqual([false, "recovery_exhausted"]);
  expect(server.requests).toHaveLength(1);
  // The next turn may try again.
  expect(subject.unauthorizedRecovery({ scope: new RecoveryScope() }).hasNext()).toBe(true);
});

test("[provider/30m] credentials renewed by somebody else are taken over without a refresh", async () => {
  await using home = await temporaryDirectory();
  await using server = await rotatingServer();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  const recovery = subject.unauthorizedRecovery();
  await writeAuthFile(home.path, chatgptLogin({ marker: "theirs", refreshToken: "theirs" }));
  expect(await recovery.next()).toEqual({ authStateChanged: true });
  expect(bearer(subject)).toBe(accessToken({ marker: "theirs" }));
  expect(server.requests).toHaveLength(0);
});

test.each<[string, (home: string) => Promise<void>]>([
  ["another account", (home) => writeAuthFile(home, chatgptLogin({ accountId: "acct-2" }))],
  ["a logout", (home) => rm(join(home, "auth.json"))],
])("[provider/31m] %s meanwhile ends recovery for good", async (_, change) => {
  await using home = await temporaryDirectory();
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path);
  await subject.auth();
  const recovery = subject.unauthorizedRecovery();
  await change(home.path);
  await expect(recovery.next()).rejects.toMatchObject({
    kind: "permanent",
    reason: "account_mismatch",
  });
  expect([recovery.phase, recovery.hasNext()]).toEqual(["done", false]);
  expect(subject.authCached()?.accountId).toBe("acct-1");
});

test("[provider/31m-no-account] a login without an account id cannot be recovered", async () => {
  await using home = await temporaryDirectory();
  await writeAuthFile(home.path, chatgptLogin({ accountId: null }));
  const subject = manager(home.path);
  await subject.auth();
  await expect(subject.unauthorizedRecovery().next()).rejects.toMatchObject({
    reason: "account_mismatch",
  });
});

test("[provider/32m] a refused refresh is permanent, a broken endpoint transient; the step stays", async () => {
  await using home = await temporaryDirectory();
  let status = 500;
  await using server = await startLoopback(() => ({
    status,
    body: { error: "refresh_token_reused" },
  }));
  await writeAuthFile(home.path, chatgptLogin());
  const subject = manager(home.path, { env: refreshEnv(server.url) });
  await subject.auth();
  const recovery = subject.unauthorizedRecovery();
  await recovery.next();
  await expect(recovery.next()).rejects.toMatchObject({ kind: "transient" });
  expect(recovery.phase).toBe("refresh_token");
  status = 401;
  await expect(recovery.next()).rejects.toMatchObject({ kind: "permanent", reason: "exhausted" });
});

test("[provider/33] API keys and nobody cannot be recovered", async () => {
  await using home = await temporaryDirectory();
  const nobody = manager(home.path);
  await nobody.auth();
  expect(nobody.unauthorizedRecovery().unavailableReason()).toBe("not_chatgpt_auth");
  await writeAuthFile(home.path, { auth_mode: "apikey", OPENAI_API_KEY: "sk-1" });
  const subject = manager(home.path);
  await subject.auth();
  const recovery = subject.unauthorizedRecovery();
  expect([recovery.hasNext(), recovery.unavailableReason()]).toEqual([false, "not_chatgpt_auth"]);
});

const hostToken = (accountId: string, marker = "") =>
  jwt({ marker, "https://api.openai.com/auth": { chatgpt_account_id: accountId } });

async function hosted(
  home: string,
  hostTokens: HostTokenSource | undefined,
  forcedWorkspaceIds: readonly string[] = [],
): Promise<AuthManager> {
  const subject = manager(home, { hostTokens, forcedWorkspaceIds });
  await subject.useHostTokens({
    accessToken: new Secret(hostToken("acct-h")),
    accountId: "acct-h",
    planType: "Team",
  });
  return subject;
}

test("[provider/35] host tokens: asked once, kept in memory, plan as given", async () => {
  await using home = await temporaryDirectory();
  const asked: unknown[] = [];
  const subject = await hosted(home.path, {
    refresh: async ({ reason, previousAccountId }) => {
      asked.push({ reason, previousAccountId });
      return { accessToken: new Secret(hostToken("acct-h", "new")), accountId: "acct-h" };
    },
  });
  expect(subject.authCached()).toMatchObject({
    mode: "chatgptAuthTokens",
    account: { planType: "team" },
  });
  const recovery = subject.unauthorizedRecovery();
  expect([recovery.mode, recovery.phase]).toEqual(["external", "external_refresh"]);
  await recovery.next();
  expect(asked).toEqual([{ reason: "unauthorized", previousAccountId: "acct-h" }]);
  expect(bearer(subject)).toBe(hostToken("acct-h", "new"));
  expect(recovery.unavailableReason()).toBe("recovery_exhausted");
});

test("[provider/35b] without a host to ask there is nothing to do", async () => {
  await using home = await temporaryDirectory();
  const subject = await hosted(home.path, undefined);
  expect(subject.unauthorizedRecovery().unavailableReason()).toBe("no_external_auth");
});

test.each<[string, HostTokenSource["refresh"]]>([
  ["no account", async () => ({ accessToken: new Secret(hostToken("acct-h")) })],
  ["another workspace", async () => ({ accessToken: new Secret(hostToken("x")), accountId: "x" })],
  ["no JWT", async () => ({ accessToken: new Secret("opaque"), accountId: "acct-h" })],
  ["an error", () => Promise.reject(new Error("canary-host-error"))],
])("[provider/35c] %s from the host is transient", async (_, refresh) => {
  await using home = await temporaryDirectory();
  const subject = await hosted(home.path, { refresh }, ["acct-h"]);
  const error = await subject
    .unauthorizedRecovery()
    .next()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "refresh_token_failed", kind: "transient" });
  expect((error as Error).message).not.toContain("canary");
});

test("[provider/35d] a host that does not answer within 10 seconds is transient", async () => {
  await using home = await temporaryDirectory();
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
  const subject = await hosted(home.path, { refresh: () => new Promise(() => {}) });
  const step = subject.unauthorizedRecovery().next();
  limit.abort();
  await expect(step).rejects.toMatchObject({ kind: "transient" });
  expect(timeout).toHaveBeenCalledExactlyOnceWith(10_000);
});

test("asking the host can be cancelled", async () => {
  await using home = await temporaryDirectory();
  const subject = await hosted(home.path, { refresh: () => new Promise(() => {}) });
  const abort = new AbortController();
  const step = subject.unauthorizedRecovery().next(abort.signal);
  abort.abort(new Error("stopped"));
  await expect(step).rejects.toThrow("stopped");
});

test("[provider/37c] telemetry tells mode, attached header and retry phase", () => {
  expect(
    authRequestTelemetryContext({
      authMode: "chatgpt",
      authProvider: BearerAuthProvider.forTest("access-token", "workspace-123"),
      pending: { mode: "managed", phase: "refresh_token" },
    }),
  ).toEqual({
    authMode: "Chatgpt",
    authHeaderAttached: true,
    authHeaderName: "authorization",
    retryAfterUnauthorized: true,
    recoveryMode: "managed",
    recoveryPhase: "refresh_token",
  });
});

test("the id token of the login decides who it is, not the access token", async () => {
  await using home = await temporaryDirectory();
  await writeAuthFile(home.path, chatgptLogin({ email: "owner@example.com" }));
  const snapshot = await manager(home.path).auth();
  expect(snapshot?.account?.email).toBe("owner@example.com");
  expect(idToken({ email: "owner@example.com" })).not.toBe(accessToken());
});
