import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthManager, createModelProvider } from "@codex-ts/model-provider";
import { createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import type { ModelProvider, ModelProviderInfo } from "@codex-ts/model-provider";
import { createBedrockProvider } from "@codex-ts/model-provider/bedrock";
import { tokensOf } from "@codex-ts/test-support";

/** Where a credential enters the program. */
export interface CredentialSource {
  readonly name: string;
  /** What to look for; `random` is different for each source and holds no word. */
  readonly mark: (random: string) => string;
  readonly provider: (scene: SourceScene) => ModelProvider | Promise<ModelProvider>;
  /** Variables that name a proxy. */
  readonly proxy?: (scene: SourceScene) => Readonly<Record<string, string>>;
  /** It is asked for when a request is signed, which a handshake is not. */
  readonly isHttpOnly?: boolean;
  /** What reaches the server of it; `undefined`: nothing, and the server knows it from elsewhere. */
  readonly sent?: ((mark: string) => string) | undefined;
}

interface SourceScene {
  readonly port: number;
  readonly mark: string;
  /** Home of a stored login. */
  readonly home: string;
}

const asItIs = (mark: string): string => mark;
const bearerOf = (random: string): string => `sk-${random}`;

function configured(
  { port }: SourceScene,
  info: Partial<ModelProviderInfo>,
  env: Readonly<Record<string, string>> = {},
): ModelProvider {
  return createModelProvider({
    id: "mock",
    info: {
      ...createOssProviderWithBaseUrl(`http://127.0.0.1:${port}/v1`),
      name: "mock",
      requestMaxRetries: 0,
      streamMaxRetries: 0,
      ...info,
    },
    env,
    clientVersion: "0.0.0",
  });
}

/** A stored login of which one token has the mark. */
async function loggedIn(
  scene: SourceScene,
  token: "access_token" | "refresh_token" | "id_token",
): Promise<ModelProvider> {
  await mkdir(scene.home);
  const tokens = { ...tokensOf("stored"), [token]: scene.mark, account_id: "acct-1" };
  await writeFile(
    join(scene.home, "auth.json"),
    JSON.stringify({ auth_mode: "chatgpt", tokens, last_refresh: new Date().toISOString() }),
    { mode: 0o600 },
  );
  return createModelProvider({
    id: "mock",
    info: {
      ...createOssProviderWithBaseUrl(`http://127.0.0.1:${scene.port}/v1`),
      name: "mock",
      requiresOpenaiAuth: true,
      requestMaxRetries: 0,
      streamMaxRetries: 0,
    },
    env: {},
    clientVersion: "0.0.0",
    authManager: new AuthManager({
      codexHome: scene.home,
      env: {},
      client: { originator: "codex_ts_test", userAgent: "codex-ts-test/1" },
      ephemeral: new Map(),
    }),
  });
}

/** The requests go to the echo server, the credentials are Bedrock's. */
function bedrock(
  scene: SourceScene,
  { env = {}, credentials }: { env?: Record<string, string>; credentials?: object },
): ModelProvider {
  const base = configured(scene, {});
  const real = createBedrockProvider({
    id: "amazon-bedrock",
    info: { ...base.info, aws: { region: "us-east-1" } },
    env,
    ...(credentials && { credentials: async () => credentials as never }),
  });
  return { ...base, apiAuth: () => real.apiAuth(), authMode: () => real.authMode!() };
}

const KEYS = {
  accessKeyId: "AKIA0000000000000000",
  secretAccessKey: "Zk3/9wQpL+0aVb7cXd2eYf5gHh8iJj1kKl4mMn6o",
};

export const SOURCES: readonly CredentialSource[] = [
  {
    name: "key of a variable",
    mark: bearerOf,
    provider: (scene) => configured(scene, { envKey: "KEY" }, { KEY: scene.mark }),
    sent: asItIs,
  },
  {
    name: "literal token",
    mark: bearerOf,
    provider: (scene) => configured(scene, { experimentalBearerToken: scene.mark }),
    sent: asItIs,
  },
  {
    name: "configured header",
    mark: asItIs,
    provider: (scene) => configured(scene, { httpHeaders: { "X-Tenant": scene.mark } }),
    sent: asItIs,
  },
  {
    name: "header of a variable",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { envHttpHeaders: { "X-Gateway": "GATE" } }, { GATE: `Key ${scene.mark}` }),
    sent: asItIs,
  },
  {
    name: "header of a variable in quotes",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { envHttpHeaders: { "X-Gateway": "GATE" } }, { GATE: `"${scene.mark}"` }),
    sent: (mark) => `"${mark}"`,
  },
  {
    name: "second half of a key",
    mark: asItIs,
    provider: (scene) => configured(scene, { envKey: "KEY" }, { KEY: `0a1b2c3d.${scene.mark}` }),
    sent: asItIs,
  },
  {
    name: "part of a header",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { httpHeaders: { "X-Signed": `id=1, sig="${scene.mark}", v=2` } }),
    sent: asItIs,
  },
  {
    name: "text of JSON in a header",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, {
        httpHeaders: { "X-Context": JSON.stringify({ tenant: "a", access: scene.mark }) },
      }),
    sent: asItIs,
  },
  {
    name: "parameter of Digest",
    mark: asItIs,
    provider: (scene) =>
      configured(
        scene,
        {
          envHttpHeaders: { Authorization: "DIGEST" },
        },
        { DIGEST: `Digest username="alice", nonce="n1", response="${scene.mark}"` },
      ),
    sent: asItIs,
  },
  {
    name: "password with blanks and letters beyond ASCII",
    mark: (random) => `pa\u00df ${random}`,
    provider: (scene) =>
      configured(scene, {
        baseUrl: `http://bob:${encodeURIComponent(scene.mark)}@127.0.0.1:${scene.port}/v1`,
      }),
  },
  {
    name: "password of Basic",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, {
        httpHeaders: { Authorization: `Basic ${btoa(`alice:${scene.mark}`)}` },
      }),
    sent: (mark) => btoa(`alice:${mark}`),
  },
  {
    name: "one of several cookies",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { httpHeaders: { Cookie: `lang=en; sess=${scene.mark}; last=1` } }),
    sent: asItIs,
  },
  {
    name: "payload of a JWT in a cookie",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { httpHeaders: { Cookie: `sess=eyJhbGciOiJub25lIn0.${scene.mark}.c2ln` } }),
    sent: asItIs,
  },
  {
    name: "query value",
    mark: (random) => `${random}/+ &`,
    provider: (scene) => configured(scene, { queryParams: { tenant: scene.mark } }),
    sent: (mark) => encodeURIComponent(mark),
  },
  {
    name: "query value with a secret name",
    mark: asItIs,
    provider: (scene) => configured(scene, { queryParams: { accessToken: scene.mark } }),
    sent: asItIs,
  },
  {
    name: "password of the base URL",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { baseUrl: `http://alice:${scene.mark}@127.0.0.1:${scene.port}/v1` }),
  },
  {
    name: "user of the base URL",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { baseUrl: `http://${scene.mark}@127.0.0.1:${scene.port}/v1` }),
  },
  {
    name: "key in the path",
    mark: bearerOf,
    provider: (scene) =>
      configured(scene, { baseUrl: `http://127.0.0.1:${scene.port}/${scene.mark}/v1` }),
    sent: asItIs,
  },
  {
    name: "parameter of the path",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, { baseUrl: `http://127.0.0.1:${scene.port}/v1;token=${scene.mark}` }),
    sent: asItIs,
  },
  {
    name: "query of the base URL",
    mark: asItIs,
    provider: (scene) => ({
      ...configured(scene, {}),
      apiProvider: async () => ({
        ...(await configured(scene, {}).apiProvider()),
        queryParams: { [scene.mark]: "" },
      }),
    }),
    sent: asItIs,
  },
  {
    name: "password of a proxy",
    mark: (random) => `${random}!@`,
    provider: (scene) => configured(scene, {}),
    proxy: ({ mark, port }) => ({
      HTTP_PROXY: `http://alice:${encodeURIComponent(mark)}@127.0.0.1:${port}`,
    }),
    sent: (mark) => btoa(`alice:${mark}`),
  },
  {
    name: "user of a proxy",
    mark: asItIs,
    provider: (scene) => configured(scene, {}),
    proxy: ({ mark, port }) => ({ HTTP_PROXY: `http://${mark}:pw@127.0.0.1:${port}` }),
    sent: (mark) => btoa(`${mark}:pw`),
  },
  {
    name: "token command",
    mark: asItIs,
    provider: (scene) =>
      configured(scene, {
        auth: {
          command: "/bin/echo",
          args: [scene.mark],
          timeoutMs: 10_000,
          refreshIntervalMs: 0,
        },
      }),
    sent: asItIs,
  },
  {
    name: "access token of a login",
    mark: asItIs,
    provider: (scene) => loggedIn(scene, "access_token"),
    sent: asItIs,
  },
  {
    name: "refresh token of a login",
    mark: asItIs,
    provider: (scene) => loggedIn(scene, "refresh_token"),
  },
  {
    name: "id token of a login",
    mark: (random) => `${tokensOf("id").id_token}${random}`,
    provider: (scene) => loggedIn(scene, "id_token"),
  },
  {
    name: "key of Bedrock",
    mark: asItIs,
    provider: (scene) => bedrock(scene, { env: { AWS_BEARER_TOKEN_BEDROCK: scene.mark } }),
    sent: asItIs,
  },
  {
    name: "secret key of AWS",
    mark: asItIs,
    provider: (scene) => bedrock(scene, { credentials: { ...KEYS, secretAccessKey: scene.mark } }),
    isHttpOnly: true,
  },
  {
    name: "session token of AWS",
    mark: asItIs,
    provider: (scene) => bedrock(scene, { credentials: { ...KEYS, sessionToken: scene.mark } }),
    isHttpOnly: true,
    sent: asItIs,
  },
];
