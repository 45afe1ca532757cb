import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manualClock, temporaryDirectory } from "@codex-ts/test-support";
import {
  BearerAuthProvider,
  ModelsManager,
  BUNDLED_MODELS,
  createModelProvider,
  fallbackModelInfo,
  parseModelProviders,
  withModelOverrides,
} from "@codex-ts/model-provider";
import type { CredentialSource, ModelInfo, ModelsManagerOptions } from "@codex-ts/model-provider";
import type { AuthMode } from "@codex-ts/protocol";
import { testClient } from "../support/logins.ts";
import { type Loopback, type LoopbackAnswer, startLoopback } from "../support/loopback.ts";

const model = (slug: string, overrides: Partial<ModelInfo> = {}): ModelInfo => ({
  ...fallbackModelInfo(slug),
  visibility: "list",
  ...overrides,
});

const login = (mode: AuthMode, accountId = "acct-1"): CredentialSource => ({
  auth: async () => ({
    mode,
    accountId,
    authProvider: new BearerAuthProvider({ token: "login-token", accountId }),
  }),
});

interface Setup {
  readonly home: string;
  readonly url: string;
  readonly authManager?: CredentialSource;
  readonly table?: object;
  readonly options?: Partial<ModelsManagerOptions>;
}

function manage({ home, url, authManager = login("chatgpt"), table = {}, options = {} }: Setup) {
  const info = parseModelProviders(
    { m: { name: "M", base_url: `${url}/v1/`, requires_openai_auth: true, ...table } },
    { env: {}, clientVersion: "0.140.0" },
  ).get("m");
  if (info === undefined) throw new Error("no provider");
  const clientVersion = options.clientVersion ?? "0.140.0";
  const provider = createModelProvider({ id: "m", info, env: {}, clientVersion, authManager });
  return new ModelsManager({
    provider,
    codexHome: home,
    clientVersion,
    dispatcher: testClient.dispatcher,
    ...options,
  });
}

const listing = (
  models: readonly ModelInfo[] = [model("remote")],
  etag = '"e1"',
): Promise<Loopback> => startLoopback(() => ({ headers: { etag }, body: { models } }));

const slugs = (models: readonly ModelInfo[]) => models.map(({ slug }) => slug);

test("[provider/48] the list is fetched with credentials and cached; a second start within 300 s asks nobody", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const clock = manualClock();
  const start = (options: Partial<ModelsManagerOptions> = {}) =>
    manage({ home: home.path, url: server.url, options: { now: clock.now, ...options } }).models();

  expect(slugs(await start())).toEqual(["remote"]);
  expect(server.requests[0]).toMatchObject({
    method: "GET",
    url: "/v1/models?client_version=0.140.0",
    headers: { authorization: "Bearer login-token", "chatgpt-account-id": "acct-1" },
  });
  expect(server.requests[0]?.headers).not.toHaveProperty("if-none-match");
  const path = join(home.path, "models_cache.json");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
    fetched_at: new Date(clock.now()).toISOString(),
    etag: '"e1"',
    client_version: "0.140.0",
    identity: expect.stringMatching(/^[0-9a-f]{64}$/),
    models: [{ slug: "remote" }],
  });

  clock.advance(299_000);
  expect(slugs(await start())).toEqual(["remote"]);
  expect(server.requests).toHaveLength(1);
  clock.advance(2_000);
  await start();
  expect(server.requests).toHaveLength(2);
  await start({ clientVersion: "0.141.0" });
  expect(server.requests[2]?.url).toBe("/v1/models?client_version=0.141.0");
});

test("[provider/48b] another account, provider or kind of login does not use the cache", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const setup = { home: home.path, url: server.url };
  await manage(setup).models();
  await manage({ ...setup, authManager: login("chatgpt", "acct-2") }).models();
  await manage({ ...setup, authManager: login("personalAccessToken", "acct-2") }).models();
  expect(server.requests).toHaveLength(3);
});

test("[provider/48b] a manager whose login changes does not go on with the list of the old one", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  let account = "acct-1";
  const authManager = { auth: () => login("chatgpt", account).auth() };
  const manager = manage({ home: home.path, url: server.url, authManager });
  await manager.models();
  account = "acct-2";
  await manager.models();
  expect(server.requests.map(({ headers }) => headers["chatgpt-account-id"])).toEqual([
    "acct-1",
    "acct-2",
  ]);
});

test("[provider/48c] a cache from the future, left by a clock that was set back, is not fresh", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const setup = { home: home.path, url: server.url };
  const start = Date.now();
  await manage({ ...setup, options: { now: () => start } }).models();
  await manage({ ...setup, options: { now: () => start - 3_600_000 } }).models();
  expect(server.requests).toHaveLength(2);
});

test("[provider/48c] a damaged cache is no cache", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const setup = { home: home.path, url: server.url };
  await manage(setup).models();
  await writeFile(join(home.path, "models_cache.json"), '{"models": [');
  expect(slugs(await manage(setup).models())).toEqual(["remote"]);
  expect(server.requests).toHaveLength(2);
});

test("[provider/49] the known etag only renews the time, another one fetches once", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const clock = manualClock();
  const manager = manage({ home: home.path, url: server.url, options: { now: clock.now } });
  await manager.models();
  clock.advance(200_000);
  await manager.noteEtag('"e1"');
  clock.advance(200_000);
  await manager.models();
  expect(server.requests).toHaveLength(1);
  await manager.noteEtag('"e2"');
  expect(server.requests).toHaveLength(2);
  expect(manager.etag()).toBe('"e1"');
});

test("[provider/49] a list that another manager has fetched is not fetched again", async () => {
  await using home = await temporaryDirectory();
  let etag = '"e1"';
  await using server = await startLoopback(() => ({
    headers: { etag },
    body: { models: [model(etag)] },
  }));
  const [first, second] = [0, 1].map(() => manage({ home: home.path, url: server.url }));
  await first?.models();
  await second?.models();
  etag = '"e2"';
  await first?.noteEtag(etag);
  await second?.noteEtag(etag);
  expect(server.requests).toHaveLength(2);
  expect(slugs((await second?.models()) ?? [])).toEqual([etag]);
});

test("[provider/50] with an API key nobody is asked", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const manager = manage({ home: home.path, url: server.url, authManager: login("apikey") });
  expect(await manager.models("online")).toBe(BUNDLED_MODELS);
  await manager.noteEtag('"x"');
  expect(server.requests).toHaveLength(0);
});

test("[provider/50b] a list without a model for people, or for a machine, is laid over the bundled one", async () => {
  await using home = await temporaryDirectory();
  const first = slugs(BUNDLED_MODELS)[0] ?? "";
  await using server = await listing([
    model(first, { description: "theirs", visibility: "hide" }),
    model("new", { visibility: "hide" }),
  ]);
  const models = await manage({ home: home.path, url: server.url }).models();
  expect(slugs(models)).toEqual([...slugs(BUNDLED_MODELS), "new"]);
  expect(models[0]?.description).toBe("theirs");

  await using listed = await listing();
  const agent = manage({ home: home.path, url: listed.url, authManager: login("agentIdentity") });
  expect(slugs(await agent.models())).toEqual([...slugs(BUNDLED_MODELS), "remote"]);
});

test("[provider/50c] strategies: online always asks, offline never", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const manager = manage({ home: home.path, url: server.url });
  expect(await manager.models("offline")).toEqual(BUNDLED_MODELS);
  expect(server.requests).toHaveLength(0);
  await manager.models("online");
  await manager.models("online");
  expect(server.requests).toHaveLength(2);
  expect(slugs(await manager.models("offline"))).toEqual(["remote"]);
});

test.each<[LoopbackAnswer, string]>([
  [{ status: 404, body: "canary" }, "fetched: status 404"],
  [{ body: "canary, not JSON" }, "fetched: stream"],
  [{ body: { canary: [] } }, "fetched: stream"],
  [
    { body: { object: "list", data: [{ id: "canary", object: "model" }] } },
    "used: none of its entries describes a model the way Codex's backend does",
  ],
])(
  "[provider/50d] the answer %j leaves the bundled list, no cache, and one line without the body",
  async (answer, problem) => {
    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => answer);
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const manager = manage({ home: home.path, url: server.url, options: { warn } });
    expect(await manager.models()).toEqual(BUNDLED_MODELS);
    expect(warnings).toEqual([`the model list of provider m could not be ${problem}`]);
    await expect(stat(join(home.path, "models_cache.json"))).rejects.toThrow("ENOENT");
  },
);

test("[provider/catalog-replaces] a configured catalogue replaces every other source", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const catalog = [model("mine")];
  const manager = manage({ home: home.path, url: server.url, options: { catalog } });
  expect(await manager.find("mine-2026")).toMatchObject({
    usedFallback: false,
    info: { slug: "mine-2026", display_name: "mine" },
  });
  expect((await manager.find("gpt-5.5")).usedFallback).toBe(true);
  expect(server.requests).toHaveLength(0);
});

test("[provider/9] one slash between base and path; query parameters are escaped and keep their order", async () => {
  await using home = await temporaryDirectory();
  await using server = await listing();
  const table = { query_params: { "api-version": "2 & c=3", b: "ü" } };
  await manage({ home: home.path, url: server.url, table }).models();
  expect(server.requests[0]?.url).toBe(
    "/v1/models?api-version=2%20%26%20c%3D3&b=%C3%BC&client_version=0.140.0",
  );
});

test("[provider/model-overrides] settings change what is known about a model", () => {
  const base = model("m", {
    max_context_window: 1000,
    model_messages: { instructions_template: "t", instructions_variables: null },
  });
  expect(withModelOverrides(base, {})).toEqual(base);
  expect(
    withModelOverrides(base, {
      supportsReasoningSummaries: true,
      contextWindow: 5000,
      autoCompactTokenLimit: 700,
      toolOutputTokenLimit: 50,
      baseInstructions: "mine",
    }),
  ).toMatchObject({
    supports_reasoning_summaries: true,
    context_window: 1000,
    auto_compact_token_limit: 700,
    truncation_policy: { mode: "bytes", limit: 200 },
    base_instructions: "mine",
    model_messages: undefined,
  });
  const summarizing = { ...base, supports_reasoning_summaries: true };
  expect(
    withModelOverrides(summarizing, { supportsReasoningSummaries: false })
      .supports_reasoning_summaries,
  ).toBe(true);
});
