import { expect, test } from "vitest";
import { ProviderConfigError, ProviderError, parseModelProviders } from "@codex-ts/model-provider";
import type { Environment } from "@codex-ts/model-provider";
import { inspect } from "node:util";

const options = { clientVersion: "0.140.0", env: {} };
const parse = (table: unknown, onUnknownKeys?: (paths: readonly string[]) => void) =>
  parseModelProviders(table, { ...options, onUnknownKeys });

function problemOf(table: unknown): string {
  try {
    parse(table);
  } catch (error) {
    if (ProviderConfigError.is(error)) return error.message;
    throw error;
  }
  throw new Error("the table was accepted");
}

const readCommand = (auth: object) =>
  parseModelProviders({ m: { name: "M", auth } }, { ...options, cwd: "/base" }).get("m")?.auth;

test("[provider/1] a minimal entry gets every default", () => {
  const info = parse({ mock: { name: "Mock", base_url: "http://localhost/v1" } }).get("mock");
  expect(info).toEqual({
    name: "Mock",
    baseUrl: "http://localhost/v1",
    wireApi: "responses",
    requestMaxRetries: 4,
    streamMaxRetries: 5,
    streamIdleTimeoutMs: 300_000,
    websocketConnectTimeoutMs: 15_000,
    requiresOpenaiAuth: false,
    supportsWebsockets: false,
  });
});

test("[provider/2] retry numbers are capped at 100", () => {
  const info = parse({ m: { name: "M", request_max_retries: 1000, stream_max_retries: 101 } }).get(
    "m",
  );
  expect([info?.requestMaxRetries, info?.streamMaxRetries]).toEqual([100, 100]);
});

test("[provider/3] built-in ids are reserved, all of them are listed in order", () => {
  expect(problemOf({ openai: { name: "X" } })).toMatch(
    /^model_providers contains reserved built-in provider IDs: `openai`\. .*`openai-custom`/,
  );
  expect(problemOf({ openai: { name: "X" }, ollama: { name: "Y" } })).toContain(
    "reserved built-in provider IDs: `ollama`, `openai`.",
  );
});

test("[provider/3] reserved ids are reported before problems of single entries", () => {
  expect(problemOf({ blank: {}, lmstudio: { name: "X" } })).toContain("reserved");
});

test("[provider/3b] the Bedrock entry takes a region and a profile and nothing else", () => {
  const info = parse({ "amazon-bedrock": { aws: { region: "eu-west-1" } } }).get("amazon-bedrock");
  expect(info).toMatchObject({ name: "Amazon Bedrock", aws: { region: "eu-west-1" } });
  expect(info?.httpHeaders).toEqual({ "x-amzn-mantle-client-agent": "codex" });
  expect(problemOf({ "amazon-bedrock": { base_url: "https://x" } })).toMatch(
    /^model_providers\.amazon-bedrock: only `aws\.profile` and `aws\.region`/,
  );
});

test("[provider/4] the chat wire format is rejected with the way out, any other value as unknown", () => {
  expect(problemOf({ m: { name: "M", wire_api: "chat" } })).toMatch(
    /^model_providers\.m\.wire_api: .*wire_api = "responses".*discussions\/7782/,
  );
  expect(problemOf({ m: { name: "M", wire_api: "x" } })).toBe(
    "model_providers.m.wire_api: unknown variant `x`, expected `responses`",
  );
});

test("[provider/5] command tokens exclude the other credentials, listed in fixed order", () => {
  const auth = { command: "token" };
  expect(problemOf({ m: { name: "M", auth, env_key: "K" } })).toBe(
    "model_providers.m: provider auth cannot be combined with env_key",
  );
  const all = { requires_openai_auth: true, experimental_bearer_token: "t", env_key: "K" };
  expect(problemOf({ m: { name: "M", auth, ...all } })).toBe(
    "model_providers.m: provider auth cannot be combined with env_key, experimental_bearer_token, requires_openai_auth",
  );
});

test.each([
  [
    { m: { name: "M", aws: {} } },
    "model_providers.m: provider aws is only supported for `amazon-bedrock`",
  ],
  [{ m: { name: "  " } }, "model_providers.m: provider name must not be empty"],
  [{ m: {} }, "model_providers.m: provider name must not be empty"],
  [
    { "amazon-bedrock": { aws: {}, supports_websockets: true } },
    "model_providers.amazon-bedrock: provider aws cannot be combined with supports_websockets",
  ],
  [
    {
      "amazon-bedrock": {
        aws: {},
        auth: { command: "t" },
        requires_openai_auth: true,
        env_key: "K",
        experimental_bearer_token: "t",
      },
    },
    "model_providers.amazon-bedrock: provider aws cannot be combined with env_key, experimental_bearer_token, auth, requires_openai_auth",
  ],
  [
    { m: { name: "M", auth: { command: " " } } },
    "model_providers.m: provider auth.command must not be empty",
  ],
])("[provider/6] refuses %j", (table, message) => {
  expect(problemOf(table)).toBe(message);
});

test("[provider/6b] shape errors name the key", () => {
  expect(problemOf({ m: { name: "M", auth: { command: "t", timeout_ms: 0 } } })).toMatch(
    /^model_providers\.m\.auth\.timeout_ms: /,
  );
  expect(problemOf({ m: { name: 1 } })).toMatch(/^model_providers\.m\.name: expected string/);
  expect(problemOf({ m: { name: "M", request_max_retries: -1 } })).toMatch(/request_max_retries: /);
  expect(problemOf({ m: "x" })).toMatch(/^model_providers\.m: expected object/);
  expect(problemOf([])).toMatch(/^model_providers: expected a table/);
});

test("[provider/6c] a shape error never repeats the value", () => {
  const message = problemOf({ m: { name: "M", experimental_bearer_token: ["canary-token"] } });
  expect(message).not.toContain("canary");
});

test.each<[Environment, string, string]>([
  [{}, "http://localhost:11434/v1", "http://localhost:1234/v1"],
  [{ CODEX_OSS_PORT: "x" }, "http://localhost:11434/v1", "http://localhost:1234/v1"],
  [{ CODEX_OSS_PORT: "70000" }, "http://localhost:11434/v1", "http://localhost:1234/v1"],
  [{ CODEX_OSS_PORT: "5000" }, "http://localhost:5000/v1", "http://localhost:5000/v1"],
  [{ CODEX_OSS_PORT: "5000", CODEX_OSS_BASE_URL: "http://x/v1" }, "http://x/v1", "http://x/v1"],
  [{ CODEX_OSS_BASE_URL: "  " }, "http://localhost:11434/v1", "http://localhost:1234/v1"],
])("[provider/7] local providers with %j", (env, ollama, lmstudio) => {
  const providers = parseModelProviders(undefined, { ...options, env });
  expect(providers.get("ollama")?.baseUrl).toBe(ollama);
  expect(providers.get("lmstudio")?.baseUrl).toBe(lmstudio);
});

test("[provider/unknown-keys] unknown keys are ignored and reported once, with their paths", () => {
  const reports: (readonly string[])[] = [];
  parse(
    {
      mock: { name: "M", unknown_key: 1, auth: { command: "t", shell: true } },
      b: { name: "B", z: 1 },
    },
    (paths) => reports.push(paths),
  );
  expect(reports).toEqual([
    ["model_providers.mock.unknown_key", "model_providers.mock.auth.shell", "model_providers.b.z"],
  ]);
});

test("[provider/command-defaults] a token command gets its defaults and an absolute folder", () => {
  expect(readCommand({ command: "t" })).toEqual({
    command: "t",
    args: [],
    timeoutMs: 5000,
    refreshIntervalMs: 300_000,
    cwd: "/base",
  });
  expect(readCommand({ command: "t", cwd: "sub", refresh_interval_ms: 0 })).toMatchObject({
    cwd: "/base/sub",
    refreshIntervalMs: 0,
  });
});

test("[provider/built-ins] the first-party provider has its headers, login and WebSockets", () => {
  expect(parse(undefined).get("openai")).toEqual({
    name: "OpenAI",
    wireApi: "responses",
    httpHeaders: { version: "0.140.0" },
    envHttpHeaders: {
      "OpenAI-Organization": "OPENAI_ORGANIZATION",
      "OpenAI-Project": "OPENAI_PROJECT",
    },
    requestMaxRetries: 4,
    streamMaxRetries: 5,
    streamIdleTimeoutMs: 300_000,
    websocketConnectTimeoutMs: 15_000,
    requiresOpenaiAuth: true,
    supportsWebsockets: true,
  });
  expect([...parse({ m: { name: "M" } }).keys()].toSorted()).toEqual([
    "amazon-bedrock",
    "lmstudio",
    "m",
    "ollama",
    "openai",
  ]);
});

test("a literal token cannot be printed by accident", () => {
  const providers = parse({ m: { name: "M", experimental_bearer_token: "canary-token" } });
  const info = providers.get("m");
  expect(
    inspect(info) + JSON.stringify(info) + String(info?.experimentalBearerToken),
  ).not.toContain("canary");
});

test("errors of another copy of the package are recognised", () => {
  const foreign = Object.assign(new Error("x"), {
    [Symbol.for("codex-ts.error.ProviderError")]: true,
  });
  expect(ProviderError.is(foreign)).toBe(true);
  expect(ProviderError.is(new Error("x"))).toBe(false);
});
