import { expect, test } from "vitest";
import { HeaderBag } from "@codex-ts/api";
import type { AuthMode } from "@codex-ts/protocol";
import {
  BearerAuthProvider,
  EnvVarError,
  authHeaderTelemetry,
  createModelProvider,
  createOssProviderWithBaseUrl,
  parseModelProviders,
} from "@codex-ts/model-provider";
import type {
  BearerAuthProviderOptions,
  CredentialSource,
  Environment,
  ModelProvider,
} from "@codex-ts/model-provider";

function provider(
  table: object,
  env: Environment = {},
  authManager?: CredentialSource,
): ModelProvider {
  const providers = parseModelProviders(
    { m: { name: "M", ...table } },
    { env, clientVersion: "0.140.0" },
  );
  const info = providers.get("m");
  if (info === undefined) throw new Error("no provider");
  return createModelProvider({ id: "m", info, env, clientVersion: "0.140.0", authManager });
}

function loggedIn(mode: AuthMode): CredentialSource {
  return {
    auth: async () => ({
      mode,
      accountId: "acct",
      authProvider: new BearerAuthProvider({ token: "login-token", accountId: "acct" }),
    }),
  };
}

async function authHeaders(subject: ModelProvider): Promise<Record<string, string>> {
  const headers = new HeaderBag();
  (await subject.apiAuth()).addAuthHeaders(headers);
  return Object.fromEntries(headers);
}

async function providerHeaders(subject: ModelProvider): Promise<Record<string, string>> {
  return Object.fromEntries((await subject.apiProvider()).headers ?? []);
}

async function authorizationSent(subject: ModelProvider): Promise<string | undefined> {
  const headers = new HeaderBag((await subject.apiProvider()).headers);
  (await subject.apiAuth()).addAuthHeaders(headers);
  return headers.get("authorization");
}

function bearerHeaders(options: BearerAuthProviderOptions): Record<string, string> {
  const headers = new HeaderBag();
  new BearerAuthProvider(options).addAuthHeaders(headers);
  return Object.fromEntries(headers);
}

test("[provider/10] environment headers: set is sent, blank or unset is not, the environment wins, bad names are skipped", async () => {
  const subject = provider(
    {
      http_headers: { "x-both": "static", "bad name": "x", "x-static": "s" },
      env_http_headers: {
        "X-Both": "BOTH",
        "x-blank": "BLANK",
        "x-unset": "UNSET",
        "x-env": "ENV",
      },
    },
    { BOTH: "from environment", BLANK: "  ", ENV: "e" },
  );
  expect(await providerHeaders(subject)).toEqual({
    "x-both": "from environment",
    "x-static": "s",
    "x-env": "e",
  });
});

test("[provider/11] a static authorization header survives only without credentials", async () => {
  const http_headers = { Authorization: "Basic abc" };
  expect(await authorizationSent(provider({ http_headers }))).toBe("Basic abc");
  expect(await authorizationSent(provider({ http_headers, env_key: "K" }, { K: "key" }))).toBe(
    "Bearer key",
  );
});

test.each<[AuthMode | undefined, string]>([
  ["chatgpt", "https://chatgpt.com/backend-api/codex"],
  ["chatgptAuthTokens", "https://chatgpt.com/backend-api/codex"],
  ["agentIdentity", "https://chatgpt.com/backend-api/codex"],
  ["personalAccessToken", "https://chatgpt.com/backend-api/codex"],
  ["apikey", "https://api.openai.com/v1"],
  [undefined, "https://api.openai.com/v1"],
])("[provider/12] with %s credentials the default base URL is %s", async (mode, url) => {
  const login = mode === undefined ? undefined : loggedIn(mode);
  const subject = provider({ requires_openai_auth: true }, {}, login);
  expect((await subject.apiProvider()).baseUrl).toBe(url);
});

test("[provider/12b] a configured base URL wins; the attached credential decides, not the login", async () => {
  const configured = provider(
    { base_url: "http://localhost:1/v1", requires_openai_auth: true },
    {},
    loggedIn("chatgpt"),
  );
  expect((await configured.apiProvider()).baseUrl).toBe("http://localhost:1/v1");
  const keyed = provider(
    { env_key: "K", requires_openai_auth: true },
    { K: "k" },
    loggedIn("chatgpt"),
  );
  expect((await keyed.apiProvider()).baseUrl).toBe("https://api.openai.com/v1");
});

test("[provider/13] a local provider attaches nothing and says so", async () => {
  const info = createOssProviderWithBaseUrl("http://localhost:1/v1", "responses");
  expect(info.name).toBe("gpt-oss");
  const subject = createModelProvider({ id: "oss", info, env: {}, clientVersion: "0.140.0" });
  expect(await authHeaders(subject)).toEqual({});
  expect(authHeaderTelemetry(await subject.apiAuth())).toEqual({ attached: false });
});

test("[provider/15] the key variable beats the literal token, which beats the login; neither names an account", async () => {
  const login = loggedIn("chatgpt");
  const all = { env_key: "K", experimental_bearer_token: "literal", requires_openai_auth: true };
  expect(await authHeaders(provider(all, { K: " key \n" }, login))).toEqual({
    authorization: "Bearer key",
  });
  const literal = { experimental_bearer_token: "literal", requires_openai_auth: true };
  expect(await authHeaders(provider(literal, {}, login))).toEqual({
    authorization: "Bearer literal",
  });
  expect(await authHeaders(provider({ requires_openai_auth: true }, {}, login))).toEqual({
    authorization: "Bearer login-token",
    "chatgpt-account-id": "acct",
  });
});

test.each([{}, { K: "  " }])(
  "[provider/16] a missing or blank key variable is an error: %j",
  async (env) => {
    const subject = provider({ env_key: "K", env_key_instructions: "Get one." }, env);
    const error = await subject.apiAuth().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EnvVarError);
    expect((error as EnvVarError).message).toBe("Missing environment variable: `K`. Get one.");
    expect(error).toMatchObject({ code: "missing_environment_variable", variable: "K" });
    await expect(provider({ env_key: "K" }, env).apiAuth()).rejects.toThrow(
      /^Missing environment variable: `K`\.$/,
    );
  },
);

test("[provider/17] the stored login never goes to a provider that does not ask for it", async () => {
  const subject = provider({ base_url: "http://localhost:1/v1" }, {}, loggedIn("chatgpt"));
  expect(await authHeaders(subject)).toEqual({});
});

test.each<[string, number]>([
  ["http://models.example/v1", 1],
  ["https://models.example/v1", 0],
  ["http://127.0.0.1:9/v1", 0],
  ["http://localhost:9/v1", 0],
  ["http://[::1]:9/v1", 0],
])("[provider/cleartext] credentials for %s are warned about %d times", async (base_url, times) => {
  const env = { K: "key" };
  const info = parseModelProviders(
    { m: { name: "M", base_url, env_key: "K" } },
    { env, clientVersion: "0.140.0" },
  ).get("m");
  if (info === undefined) throw new Error("no provider");
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const subject = createModelProvider({ id: "m", info, env, clientVersion: "0.140.0", warn });
  await subject.apiProvider();
  await subject.apiProvider();
  expect(warnings).toHaveLength(times);
});

test("[provider/retry-policy] 5xx and transport failures are retried, 429 never", async () => {
  const subject = provider({ request_max_retries: 2 });
  expect((await subject.apiProvider()).retry).toEqual({
    maxRetries: 2,
    baseDelayMs: 200,
    retry429: false,
    retry5xx: true,
    retryTransport: true,
  });
});

test("[provider/bearer-headers] bearer credentials name the account and FedRAMP, illegal values are left out", () => {
  expect(bearerHeaders({ token: "t", accountId: "a", isFedrampAccount: true })).toEqual({
    authorization: "Bearer t",
    "chatgpt-account-id": "a",
    "x-openai-fedramp": "true",
  });
  expect(bearerHeaders({ token: "bad\nvalue", accountId: "a" })).toEqual({
    "chatgpt-account-id": "a",
  });
  expect(authHeaderTelemetry(BearerAuthProvider.forTest("t", "a"))).toEqual({
    attached: true,
    name: "authorization",
  });
});

test.each(["toString", "constructor", "__proto__"])(
  "[provider/16b] a variable named %s is one that is not set, for the key and for headers",
  async (name) => {
    const env = process.env;
    await expect(provider({ env_key: name }, env).apiAuth()).rejects.toThrow(EnvVarError);
    expect(await providerHeaders(provider({ env_http_headers: { "x-odd": name } }, env))).toEqual(
      {},
    );
  },
);

test.each(["a\r\nx-evil: 1", "a\nb", "a\0b"])(
  "[provider/10b] a variable with %j cannot add a header",
  async (value) => {
    const subject = provider({ env_http_headers: { "x-odd": "ODD" } }, { ODD: value });
    expect(await providerHeaders(subject)).toEqual({});
  },
);
