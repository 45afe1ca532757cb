import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  Secret,
  TokenCommandSource,
  createModelProvider,
  loginStatus,
  loginWithAccessToken,
  loginWithApiKey,
  loginWithBrowser,
  loginWithDeviceCode,
  logout,
  parseModelProviders,
} from "@codex-ts/model-provider";
import type { AuthManagerOptions } from "@codex-ts/model-provider";
import { fetch } from "undici";
import {
  chatgptLogin,
  idToken,
  jwt,
  manager,
  testClient,
  writeAuthFile,
} from "./support/logins.ts";
import { startLoopback } from "./support/loopback.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything a user, a log or an error report could get to see. */
class Evidence {
  readonly #seen: string[] = [];

  readonly see = (what: unknown): void => {
    const text = typeof what === "string" ? what : inspect(what, { depth: 20, showHidden: true });
    this.#seen.push(text, JSON.stringify(what) ?? "");
    if (what instanceof Error)
      this.#seen.push(what.stack ?? "", inspect(what.cause, { depth: 20 }));
  };

  /** Looks at the outcome, good or bad, and gives it. */
  async attempt(action: Promise<unknown>): Promise<unknown> {
    const outcome = await action.catch((error: unknown) => error);
    this.see(outcome);
    return outcome;
  }

  /** The secrets that were seen, or are in a file of `home` other than auth.json. */
  async leaks(home: string, secrets: readonly string[]): Promise<string[]> {
    for (const name of await readdir(home)) {
      if (name !== "auth.json") this.see(`${name}: ${await readFile(join(home, name), "utf8")}`);
    }
    const text = this.#seen.join("\n");
    return secrets.filter((secret) => text.includes(secret));
  }
}

/** A home, a watched console and options that report to the evidence. */
async function watched(options: Partial<AuthManagerOptions> = {}) {
  const evidence = new Evidence();
  for (const method of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => evidence.see(values));
  }
  const home = await temporaryDirectory();
  const context = {
    codexHome: home.path,
    env: {},
    client: testClient,
    ephemeral: new Map(),
    warn: evidence.see,
    ...options,
  };
  return { evidence, home, context, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

const login = chatgptLogin({
  refreshToken: "canary-refresh",
  marker: "canary-access",
  expiresInMs: -1,
});
const loginSecrets = [login.tokens.access_token, login.tokens.id_token, "canary-refresh"];

test.each<[string, number, (received: string) => object | string]>([
  [
    "succeeds",
    200,
    () => ({ access_token: jwt({ marker: "canary-2" }), refresh_token: "canary-refresh-2" }),
  ],
  ["is refused and the server repeats what it got", 401, (received) => received],
  [
    "fails and the server repeats what it got",
    500,
    (received) => ({ error: { message: received } }),
  ],
  ["answers nonsense", 200, (received) => `<html>${received}</html>`],
])(
  "[provider/53p] a refresh that %s leaves no secret outside auth.json",
  async (_, status, body) => {
    await using server = await startLoopback(({ text }) => ({ status, body: body(text) }));
    await using watch = await watched({
      env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/canary-path` },
    });
    const { evidence, home, context } = watch;
    await writeAuthFile(home.path, login);
    const subject = manager(home.path, context);
    evidence.see(await subject.auth());
    const recovery = subject.unauthorizedRecovery();
    await evidence.attempt(recovery.next());
    await evidence.attempt(recovery.next());
    evidence.see(subject);
    evidence.see(recovery);
    await evidence.attempt(loginStatus(context));
    expect(
      await evidence.leaks(home.path, [
        ...loginSecrets,
        "canary-refresh-2",
        jwt({ marker: "canary-2" }),
        "canary-path",
      ]),
    ).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(0);
  },
);

test("[provider/53p-command] a token command leaves no output anywhere", async () => {
  await using watch = await watched();
  const { evidence, home } = watch;
  const run = (script: string) =>
    new TokenCommandSource({
      command: {
        command: process.execPath,
        args: ["-e", script],
        timeoutMs: 5000,
        refreshIntervalMs: 0,
      },
      env: {},
    });
  const good = run('console.log("canary-token")');
  await evidence.attempt(good.auth());
  evidence.see(good);
  await evidence.attempt(run('console.log("canary-token");process.exit(1)').auth());
  expect(await evidence.leaks(home.path, ["canary-token"])).toEqual([]);
});

test("[provider/53p-login] logins and logout leave no secret outside auth.json", async () => {
  const secrets = {
    id_token: idToken({ email: "canary@example.com" }),
    access_token: jwt({ marker: "canary-access" }),
    refresh_token: "canary-refresh",
  };
  await using server = await startLoopback(({ url }) => {
    if (url.endsWith("/usercode"))
      return { body: { device_auth_id: "d", user_code: "U", interval: 1 } };
    if (url.endsWith("/deviceauth/token")) {
      return { body: { authorization_code: "canary-code", code_verifier: "canary-verifier" } };
    }
    return url.includes("whoami") ? { status: 500, body: "canary" } : { body: secrets };
  });
  await using watch = await watched({
    env: { CODEX_REVOKE_TOKEN_URL_OVERRIDE: server.url, CODEX_AUTHAPI_BASE_URL: server.url },
  });
  const { evidence, home, context } = watch;
  const owner = { email: "canary@example.com" };
  const deviceLogin = loginWithDeviceCode(context, {
    issuer: server.url,
    onCode: () => {},
    sleep: async () => {},
  });
  expect(await evidence.attempt(deviceLogin)).toMatchObject(owner);
  const visited = Promise.withResolvers<void>();
  const browserLogin = loginWithBrowser(context, {
    issuer: server.url,
    ports: [0],
    onUrl: (url) => {
      const { searchParams } = new URL(url);
      const callback = new URL(searchParams.get("redirect_uri") ?? "");
      callback.hostname = "127.0.0.1";
      callback.search = `?code=canary-code&state=${searchParams.get("state")}`;
      void (async () => {
        const page = await fetch(callback, { dispatcher: testClient.dispatcher });
        evidence.see([page.url, [...page.headers], await page.text()]);
        visited.resolve();
      })();
    },
  });
  expect(await evidence.attempt(browserLogin)).toMatchObject(owner);
  await visited.promise;
  await evidence.attempt(loginWithAccessToken(context, "at-canary-pat"));
  await evidence.attempt(loginWithApiKey(context, "sk-canary-0123456789"));
  await evidence.attempt(loginStatus(context));
  await evidence.attempt(logout(context));
  expect(
    await evidence.leaks(home.path, [
      secrets.id_token,
      secrets.access_token,
      secrets.refresh_token,
      "canary-code",
      "canary-verifier",
      "at-canary-pat",
      "sk-canary-0123456789",
    ]),
  ).toEqual([]);
});

test("[provider/53p-provider] a provider and its parts cannot be printed with their secrets", async () => {
  await using watch = await watched();
  const { evidence, home } = watch;
  const providers = parseModelProviders(
    {
      literal: {
        name: "L",
        experimental_bearer_token: "canary-literal",
        http_headers: { "api-key": "canary-header" },
        query_params: { key: "canary-query" },
      },
      keyed: { name: "K", env_key: "KEY" },
    },
    { env: {}, clientVersion: "0.140.0" },
  );
  for (const [id, info] of providers) {
    const env = {
      KEY: "canary-key",
      AWS_BEARER_TOKEN_BEDROCK: "canary-bedrock",
      AWS_REGION: "us-east-1",
    };
    const provider = createModelProvider({ id, info, env, clientVersion: "0.140.0" });
    evidence.see(info);
    evidence.see(provider);
    evidence.see(await provider.apiAuth());
    evidence.see(await provider.apiProvider());
  }
  evidence.see(new Secret("canary-wrapped"));
  evidence.see(String(new Secret("canary-wrapped")));
  expect(
    await evidence.leaks(home.path, [
      "canary-literal",
      "canary-header",
      "canary-query",
      "canary-key",
      "canary-bedrock",
      "canary-wrapped",
    ]),
  ).toEqual([]);
});
