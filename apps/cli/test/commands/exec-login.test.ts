import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import { errorExchange, messageExchange, modelsExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { secretMarksIn, startLoginServer, tokensOf, waitFor } from "@codex-ts/test-support";
import type { LoginTokens } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { type MockHome, mockHome } from "../support/home.ts";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

const EXEC = ["exec", "--skip-git-repo-check", "-m", "gpt-mock"];
/** The provider of `mockHome`, using the stored login instead of a variable. */
const WITH_LOGIN = 'model_providers.mock={name="mock", requires_openai_auth=true, base_url="';
const KEY = "sk-proj-canary-0123456789";

/** A ChatGPT login as Codex writes it. */
async function storeLogin(
  home: MockHome,
  tokens: LoginTokens,
  accountId = "acct-1",
): Promise<void> {
  const document = {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: { ...tokens, account_id: accountId },
    last_refresh: new Date().toISOString(),
  };
  await writeFile(join(home.path, "auth.json"), JSON.stringify(document), { mode: 0o600 });
}

async function storeKey(home: MockHome, key: string): Promise<void> {
  const document = { auth_mode: "apikey", OPENAI_API_KEY: key };
  await writeFile(join(home.path, "auth.json"), JSON.stringify(document), { mode: 0o600 });
}

/** Runs a turn; without `MOCK_KEY`, and with the variables given. */
async function exec(
  home: MockHome,
  { flags = [], env = {} }: ExecOptions = {},
): Promise<CliResult> {
  return runInProcess([...EXEC, ...withLogin(home), ...flags, "hi"], { cwd: home.path, env });
}

function withLogin({ server }: MockHome): readonly string[] {
  return ["-c", `${WITH_LOGIN}${server.url}", request_max_retries=0, stream_max_retries=0}`];
}

interface ExecOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Credentials of the requests to a model. */
function sentBy(home: MockHome): (string | undefined)[][] {
  return home.server.requests
    .filter(({ method }) => method === "POST")
    .map((request) => [request.header("authorization"), request.header("chatgpt-account-id")]);
}

function askedFor(home: MockHome): readonly string[] {
  return home.server.requests.map(({ method, path }) => `${method} ${path}`);
}

/** Without a warning. */
const quiet = (): unknown => expect.not.stringContaining("warning");

/** A list with one model, which says how to behave. */
function listOf(slug: string, options: { etag?: string } = {}) {
  const model = { ...fallbackModelInfo(slug), base_instructions: "Be listed.", visibility: "list" };
  return modelsExchange([JSON.parse(JSON.stringify(model)) as JsonObject], options);
}

/** Processes share a busy machine; how long one takes proves nothing. */
const TIMEOUT = { timeout: 60_000 };

describe("exec with a stored login", TIMEOUT, () => {
  test("[cli/exec-login] a provider that asks for it gets the token and the account", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await storeLogin(home, tokensOf("1"));
    expect(await exec(home)).toMatchObject({ exitCode: 0, stdout: "a\n" });
    expect(sentBy(home)).toEqual([[`Bearer ${tokensOf("1").access_token}`, "acct-1"]]);
  });

  test("[cli/exec-models] the provider is asked what it offers this login, once in five minutes", async () => {
    const script = [listOf("gpt-mock"), messageExchange("a"), messageExchange("b")];
    await using home = await mockHome(script);
    await storeLogin(home, tokensOf("1"));
    expect(await exec(home)).toMatchObject({ exitCode: 0, stderr: quiet() });
    expect(await exec(home)).toMatchObject({ exitCode: 0, stderr: quiet() });
    const [list, first] = home.server.requests;
    expect(askedFor(home).map((text) => text.replace(/\?.*/, ""))).toEqual([
      "GET /v1/models",
      "POST /v1/responses",
      "POST /v1/responses",
    ]);
    expect(list?.path).toContain("client_version=0.171.0");
    expect(list?.header("authorization")).toBe(`Bearer ${tokensOf("1").access_token}`);
    expect(list?.header("originator")).toBe(first?.header("originator"));
    expect(list?.header("user-agent")).toBe(first?.header("user-agent"));
    expect(JSON.stringify(first?.body)).toContain("Be listed.");
  });

  test("[cli/exec-models] a model that is not offered is warned of; without a list it is used all the same", async () => {
    await using home = await mockHome([listOf("other"), messageExchange("a")]);
    await storeLogin(home, tokensOf("1"));
    const unlisted = await exec(home);
    expect(unlisted).toMatchObject({ exitCode: 0, stdout: "a\n" });
    expect(unlisted.stderr).toContain(
      "model gpt-mock: it is not among those the provider lists: using careful defaults for it",
    );
    await using broken = await mockHome([
      { ...errorExchange(404), method: "GET", path: "/models" },
      messageExchange("b"),
    ]);
    await storeLogin(broken, tokensOf("1"));
    const unknown = await exec(broken);
    expect(unknown).toMatchObject({ exitCode: 0, stdout: "b\n" });
    expect(unknown.stderr).toContain("could not be fetched: status 404");
  });

  test("[cli/exec-models] with an API key, or a catalog, nobody is asked", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const catalog = join(home.path, "catalog.json");
    await writeFile(catalog, JSON.stringify({ models: [fallbackModelInfo("gpt-mock")] }));
    await storeKey(home, KEY);
    expect(await exec(home)).toMatchObject({ exitCode: 0, stderr: quiet() });
    await storeLogin(home, tokensOf("1"));
    const flags = ["-c", `model_catalog_json=${catalog}`];
    expect(await exec(home, { flags })).toMatchObject({ exitCode: 0, stderr: quiet() });
    expect(askedFor(home)).toEqual(["POST /v1/responses", "POST /v1/responses"]);
  });

  test("[cli/exec-login-openai] the built-in provider is one of them", async () => {
    await using home = await mockHome([messageExchange("a")]);
    await storeKey(home, KEY);
    const flags = ["-c", "model_provider=openai", "-c", `openai_base_url="${home.server.url}"`];
    expect(await exec(home, { flags })).toMatchObject({ exitCode: 0, stdout: "a\n" });
    const upgrade = home.server.connections[0];
    expect(upgrade?.header("authorization")).toBe(`Bearer ${KEY}`);
    expect(upgrade?.header("version")).toBe("0.140.0");
  });

  test("[cli/exec-login-foreign] a provider that does not ask gets nothing, and a damaged login does not bother it", async () => {
    await using home = await mockHome([messageExchange("a"), messageExchange("b")]);
    const flags = ["-c", "model_providers.mock.requires_openai_auth=false"];
    await storeLogin(home, tokensOf("1"));
    expect(await exec(home, { flags })).toMatchObject({ exitCode: 0 });
    await writeFile(join(home.path, "auth.json"), "{");
    expect(await exec(home, { flags })).toMatchObject({ exitCode: 0 });
    expect(sentBy(home)).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test("[cli/exec-login-variables] CODEX_API_KEY wins over the stored login, OPENAI_API_KEY means nothing", async () => {
    await using home = await mockHome([messageExchange("a")]);
    const env = { OPENAI_API_KEY: "sk-other" };
    const refused = await exec(home, { env });
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toMatch(/OPENAI_API_KEY is not read[^\n]*login --with-api-key/);
    await storeLogin(home, tokensOf("1"));
    await exec(home, { env: { ...env, CODEX_API_KEY: ` ${KEY}\n` } });
    expect(sentBy(home)).toEqual([[`Bearer ${KEY}`, undefined]]);
  });

  test("[cli/exec-login-refresh] after a 401 it refreshes once, keeps the new tokens and goes on", async () => {
    const refused = errorExchange(401, { message: "expired" });
    await using home = await mockHome([refused, refused, messageExchange("a")]);
    await using server = await startLoginServer();
    await storeLogin(home, tokensOf("1"));
    const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/oauth/token` };
    const result = await exec(home, { env });
    expect(result).toMatchObject({ exitCode: 0, stdout: "a\n" });
    expect(secretMarksIn(result.stderr)).toEqual([]);
    const [old, renewed] = ["1", "2"].map((marker) => tokensOf(marker).access_token);
    expect(sentBy(home).map(([token]) => token)).toEqual([
      `Bearer ${old}`,
      `Bearer ${old}`,
      `Bearer ${renewed}`,
    ]);
    expect(server.asked).toEqual(["POST /oauth/token"]);
  });

  test.each<[string, readonly string[]]>([
    ["of one's own", []],
    ["that is built in", ["-c", "model_provider=openai"]],
  ])(
    "[cli/exec-login-none] a provider %s that asks for a login gets no request without one",
    async (_which, flags) => {
      await using home = await mockHome([]);
      const base = ["-c", `openai_base_url="${home.server.url}"`];
      const result = await exec(home, { flags: [...base, ...flags] });
      expect(result).toMatchObject({ exitCode: 1, stdout: "" });
      expect(result.stderr).toMatch(
        /^error: nobody is logged in[^\n]*: codex-ts login, or set CODEX_API_KEY[^\n]*\n$/,
      );
      expect(home.server.connections).toHaveLength(0);
      expect(home.server.requests).toHaveLength(0);
    },
  );

  test("[cli/exec-login-none] a provider with a header of its own for credentials needs none", async () => {
    await using home = await mockHome([messageExchange("a")]);
    const flags = ["-c", 'model_providers.mock.http_headers={"api-key"="k"}'];
    expect(await exec(home, { flags })).toMatchObject({ exitCode: 0 });
    expect(home.server.requests[0]?.header("api-key")).toBe("k");
  });

  test("[cli/exec-login-damaged] a login that cannot be read ends it before any request, on one line", async () => {
    await using home = await mockHome([]);
    await writeFile(join(home.path, "auth.json"), `{"OPENAI_API_KEY": "${KEY}`);
    const result = await exec(home);
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /^error: [^\n]*auth\.json cannot be used: not valid JSON[^\n]*log in again[^\n]*\n$/,
    );
    expect(result.stderr).not.toContain("canary");
  });

  test.each([
    ["forced_login_method=api", /^error: API key login is required[^\n]*logged out\n$/],
    ["forced_chatgpt_workspace_id=acct-9", /^error: [^\n]*acct-9[^\n]*acct-1[^\n]*logged out\n$/],
  ])(
    "[cli/exec-login-forced] -c %s: another login is removed, nothing is sent",
    async (flag, line) => {
      await using home = await mockHome([]);
      await storeLogin(home, tokensOf("1"));
      const result = await exec(home, { flags: ["-c", flag] });
      expect(result).toMatchObject({ exitCode: 1, stdout: "" });
      expect(result.stderr).toMatch(line);
      expect(await readdir(home.path)).not.toContain("auth.json");
      expect(home.server.requests).toHaveLength(0);
    },
  );
});

describe("app-server with a stored login", TIMEOUT, () => {
  test("[cli/app-server-models] shows what the provider offers, and asks again when a response names another list", async () => {
    const headers = { "x-models-etag": '"second"' };
    await using home = await mockHome([
      listOf("gpt-mock", { etag: '"first"' }),
      messageExchange("a", { headers }),
    ]);
    await storeLogin(home, tokensOf("1"));
    const input = new PassThrough();
    const output = new PassThrough();
    const results = new Map<unknown, Readonly<Record<string, never>>>();
    const methods: unknown[] = [];
    createInterface({ input: output }).on("line", (line) => {
      const { id, method, result } = JSON.parse(line) as Record<string, never>;
      if (id === undefined) methods.push(method);
      else results.set(id, result as never);
    });
    const call = async (method: string, params: object): Promise<unknown> => {
      const id = results.size + 1;
      input.write(`${JSON.stringify({ id, method, params })}\n`);
      return await waitFor(() => results.get(id), { what: method });
    };
    const messageStreams = () => ({ input, output });
    const run = { cwd: home.path, env: {} };
    const ended = runInProcess([...withLogin(home), "app-server"], run, { messageStreams });
    await call("initialize", { clientInfo: { name: "editor", title: null, version: "1.0.0" } });
    const listed = await call("model/list", {});
    expect(listed).toMatchObject({ data: [{ id: "gpt-mock", isDefault: true }] });
    const { thread } = (await call("thread/start", {})) as { thread: { id: string } };
    await call("turn/start", { threadId: thread.id, input: [{ type: "text", text: "hi" }] });
    await waitFor(() => methods.includes("turn/completed"), { what: "the turn" });
    await waitFor(() => lists().length === 2, { what: "the second list" });
    input.end();
    expect((await ended).exitCode).toBe(0);
    const asked = lists().map((request) => request.header("originator"));
    expect(asked).toEqual(["editor", "editor"]);
    function lists() {
      return home.server.requests.filter(({ method }) => method === "GET");
    }
  });
});
