import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { attached } from "../support/headers.ts";
import { manager } from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";
import type { Loopback } from "../support/loopback.ts";

const patEnv = (url: string) => ({
  CODEX_ACCESS_TOKEN: "at-canary-pat",
  CODEX_AUTHAPI_BASE_URL: `${url}/`,
});

const agentManager = (home: string, url: string, token: string) =>
  manager(home, {
    env: { CODEX_ACCESS_TOKEN: token, CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: url },
    chatgptBaseUrl: `${url}/backend-api/`,
  });

function agentService(jwk: object, registered: object = { task_id: "task-1" }): Promise<Loopback> {
  return startLoopback((request) =>
    request.url.endsWith("/jwks") ? { body: { keys: [jwk] } } : { body: registered },
  );
}

describe("personal access tokens", () => {
  const whoami = {
    email: "pat@example.com",
    chatgpt_user_id: "user-p",
    chatgpt_account_id: "acct-p",
    chatgpt_plan_type: "enterprise",
    chatgpt_account_is_fedramp: true,
  };

  test("[provider/41] the account service is asked once per process; requests carry account and FedRAMP", async () => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: whoami }));
    const subject = manager(home.path, { env: patEnv(server.url) });
    const snapshot = await subject.auth();
    await subject.auth();
    await subject.reload();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      url: "/v1/user-auth-credential/whoami",
      headers: { authorization: "Bearer at-canary-pat", originator: "codex_ts_test" },
    });
    expect(attached(snapshot?.authProvider)).toEqual({
      authorization: "Bearer at-canary-pat",
      "chatgpt-account-id": "acct-p",
      "x-openai-fedramp": "true",
    });
    expect(subject.unauthorizedRecovery().unavailableReason()).toBe("not_refreshable_auth");
  });

  test.each<[number, object | string, RegExp]>([
    [401, {}, /metadata request failed with status 401 Unauthorized/],
    [200, "no json", /failed to decode/],
    [200, { email: "x" }, /failed to decode/],
  ])(
    "[provider/41b] an answer %d %j is an error without the token",
    async (status, body, message) => {
      await using home = await temporaryDirectory();
      await using server = await startLoopback(() => ({ status, body }));
      const error = await manager(home.path, { env: patEnv(server.url) })
        .auth()
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "token_rejected" });
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toContain("canary");
    },
  );

  test("[provider/41c] a service that cannot be reached is an error, not a logged-out user", async () => {
    await using home = await temporaryDirectory();
    const subject = manager(home.path, { env: patEnv("http://127.0.0.1:1") });
    await expect(subject.auth()).rejects.toThrow(/failed to request .*ECONNREFUSED/);
  });
});

describe("agent identities", () => {
  const agentKeys = generateKeyPairSync("ed25519");
  const claims = {
    agent_runtime_id: "runtime-1",
    agent_private_key: agentKeys.privateKey
      .export({ format: "der", type: "pkcs8" })
      .toString("base64"),
    account_id: "acct-a",
    chatgpt_user_id: "user-a",
    email: "agent@example.com",
    plan_type: "business",
    chatgpt_account_is_fedramp: false,
  };

  interface TokenOptions {
    readonly issuer?: string;
    readonly audience?: string;
    readonly keyId?: string;
    /** `null`: never. */
    readonly expiresAt?: string | null;
    readonly algorithm?: "RS256" | "HS256";
    readonly claims?: object;
  }

  // Making an RSA key costs more than all the rest of a test.
  const issuerKeys = generateKeyPair("RS256", { extractable: true });

  async function issuerWithKeys() {
    const { privateKey, publicKey } = await issuerKeys;
    const jwk = { ...(await exportJWK(publicKey)), kid: "key-1" };
    const sign = (options: TokenOptions = {}) => {
      const { expiresAt = "1h" } = options;
      const token = new SignJWT({ ...claims, ...options.claims })
        .setProtectedHeader({ alg: options.algorithm ?? "RS256", kid: options.keyId ?? "key-1" })
        .setIssuer(options.issuer ?? "https://chatgpt.com/codex-backend/agent-identity")
        .setAudience(options.audience ?? "codex-app-server")
        .setIssuedAt();
      if (expiresAt !== null) token.setExpirationTime(expiresAt);
      return token.sign(
        options.algorithm === "HS256" ? Buffer.from(JSON.stringify(jwk)) : privateKey,
      );
    };
    return { jwk, sign };
  }

  test.each<[object]>([[{ task_id: "task-1" }], [{ taskId: "task-1" }]])(
    "[provider/42] registers with %j and signs every request",
    async (registered) => {
      await using home = await temporaryDirectory();
      const { jwk, sign } = await issuerWithKeys();
      await using server = await agentService(jwk, registered);
      const snapshot = await agentManager(home.path, server.url, await sign()).auth();

      expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
        "GET /backend-api/wham/agent-identities/jwks",
        "POST /v1/agent/runtime-1/task/register",
      ]);
      const registration = server.requests[1]?.json as { timestamp: string; signature: string };
      expect(registration.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const key = createPublicKey(agentKeys.privateKey);
      const isSigned = (text: string, signature: string) =>
        verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
      expect(isSigned(`runtime-1:${registration.timestamp}`, registration.signature)).toBe(true);
      expect(server.requests[1]?.headers).not.toHaveProperty("authorization");

      const headers = attached(snapshot?.authProvider);
      expect(headers["chatgpt-account-id"]).toBe("acct-a");
      const [scheme, blob = ""] = (headers.authorization ?? "").split(" ");
      expect(scheme).toBe("AgentAssertion");
      const text = Buffer.from(blob, "base64url").toString("utf8");
      const assertion = JSON.parse(text) as Record<string, string>;
      expect(Object.keys(assertion)).toEqual([
        "agent_runtime_id",
        "signature",
        "task_id",
        "timestamp",
      ]);
      const signed = `runtime-1:task-1:${assertion["timestamp"]}`;
      expect(isSigned(signed, assertion["signature"] ?? "")).toBe(true);
      expect(snapshot).toMatchObject({ mode: "agentIdentity", account: { planType: "business" } });
    },
  );

  test.each<[string, TokenOptions]>([
    ["another key", { keyId: "key-2" }],
    ["another issuer", { issuer: "https://example.com" }],
    ["another audience", { audience: "other" }],
    ["another algorithm", { algorithm: "HS256" }],
    ["an expired token", { expiresAt: "-1h" }],
    ["a token that never expires", { expiresAt: null }],
  ])("[provider/42b] %s is refused before anything is registered", async (_, options) => {
    await using home = await temporaryDirectory();
    const { jwk, sign } = await issuerWithKeys();
    await using server = await agentService(jwk);
    const token = await sign(options);
    const error = await agentManager(home.path, server.url, token)
      .auth()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "token_rejected" });
    expect((error as Error).message).toMatch(/^failed to verify agent identity JWT \(ERR_J/);
    expect(server.requests).toHaveLength(1);
  });

  test.each(["not-a-jwt", "a.b", "a.b.c.d"])(
    "[provider/42c] %s is refused without a request",
    async (token) => {
      await using home = await temporaryDirectory();
      await using server = await agentService({});
      await expect(agentManager(home.path, server.url, token).auth()).rejects.toThrow(
        "invalid agent identity JWT format",
      );
      expect(server.requests).toHaveLength(0);
    },
  );

  test("[provider/42d] a key that is no key, or an encrypted task id, is a clear error", async () => {
    await using home = await temporaryDirectory();
    const { jwk, sign } = await issuerWithKeys();
    await using server = await agentService(jwk, { encrypted_task_id: "x" });
    const broken = await sign({ claims: { agent_private_key: "Y2FuYXJ5" } });
    await expect(agentManager(home.path, server.url, broken).auth()).rejects.toThrow(
      /no usable Ed25519 key/,
    );
    await expect(agentManager(home.path, server.url, await sign()).auth()).rejects.toThrow(
      /encrypted task ids are not supported/,
    );
  });
});
