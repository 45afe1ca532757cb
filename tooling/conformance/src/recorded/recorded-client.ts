import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { networkFromEnvironment } from "@codex-ts/api";
import type { Network } from "@codex-ts/api";
import {
  AuthManager,
  createModelProvider,
  findModelInfo,
  readModelCatalog,
  selectModelProvider,
} from "@codex-ts/model-provider";
import type { ModelInfo, ModelProvider } from "@codex-ts/model-provider";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { isJsonObject } from "@codex-ts/protocol";
import { parse } from "smol-toml";
import { RECORDED_PLACES } from "./recorded-scenario.ts";
import type { RecordedScenario } from "./recorded-scenario.ts";

/** What a recorded client was configured with, its server being ours. */
export interface RecordedClient {
  readonly network: Network;
  readonly provider: ModelProvider;
  readonly model: ModelInfo;
  readonly betaFeatures: readonly string[];
  readonly originator: string;
  readonly userAgent: string;
  readonly approvalPolicy: "never" | "untrusted";
  readonly includePermissionsInstructions: boolean;
  readonly compactPrompt?: string;
  readonly remoteCompaction: "v1" | "v2";
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Connections of one client, which a program has for its whole life. */
export function ownNetwork(): Network & AsyncDisposable {
  const network = networkFromEnvironment({});
  return { ...network, [Symbol.asyncDispose]: () => network.dispatcher.destroy() };
}

const CLIENT_VERSION = "0.140.0";

/** Reads the configuration of a recording. A login is put into a directory below `folder`. */
export async function recordedClient(
  scenario: RecordedScenario,
  parts: {
    readonly server: ResponsesServer;
    readonly network: Network;
    readonly folder: string;
  },
): Promise<RecordedClient> {
  const { server, network, folder } = parts;
  const host = `${server.host}:${server.port}`;
  const config = parse(scenario.configToml.replaceAll(RECORDED_PLACES.host, host));
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    TZ: "UTC",
    MOCK_KEY: "sk-mock-key",
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: `http://${host}/oauth/token`,
  };
  const { id, info } = selectModelProvider({ config, env, clientVersion: CLIENT_VERSION });
  const headers = scenario.requests.flatMap((request) => request.headers ?? []);
  const header = (name: string): string => headers.find(([given]) => given === name)?.[1] ?? "";
  const authManager = info.requiresOpenaiAuth
    ? new AuthManager({
        codexHome: await writeLogin(join(folder, "home"), header("authorization")),
        env,
        client: {
          originator: header("originator"),
          userAgent: header("user-agent"),
          dispatcher: network.dispatcher,
        },
        chatgptBaseUrl: `http://${host}/backend-api/`,
      })
    : undefined;
  const beta = header("x-codex-beta-features");
  return {
    network,
    provider: createModelProvider({ id, info, env, clientVersion: CLIENT_VERSION, authManager }),
    model: findModelInfo(
      readModelCatalog(JSON.stringify({ models: scenario.models })),
      config["model"] as string,
    ).info,
    betaFeatures: beta === "" ? [] : beta.split(","),
    originator: header("originator"),
    userAgent: header("user-agent"),
    approvalPolicy: config["approval_policy"] === "untrusted" ? "untrusted" : "never",
    includePermissionsInstructions: config["include_permissions_instructions"] !== false,
    ...(typeof config["compact_prompt"] === "string" && {
      compactPrompt: config["compact_prompt"],
    }),
    remoteCompaction: hasFeature(config["features"], "remote_compaction_v2") ? "v2" : "v1",
    env,
  };
}

/** Whether a feature that is on unless it is switched off is on. */
function hasFeature(features: unknown, name: string): boolean {
  return !isJsonObject(features) || features[name] !== false;
}

/** The login of a recording: unsigned tokens of an account that does not exist. */
async function writeLogin(home: string, authorization: string): Promise<string> {
  const accessToken = authorization.replace(/^Bearer /, "");
  const tokens = {
    id_token: accessToken,
    access_token: accessToken,
    refresh_token: "rt-mock",
    account_id: "acct-mock",
  };
  const login = {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens,
    last_refresh: new Date().toISOString(),
  };
  await mkdir(home);
  await writeFile(join(home, "auth.json"), JSON.stringify(login), { mode: 0o600 });
  return home;
}
