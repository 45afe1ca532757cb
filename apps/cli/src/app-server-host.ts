import { resolve } from "node:path";
import { describeHost, formatUserAgent } from "@codex-ts/api";
import type { Network } from "@codex-ts/api";
import type {
  AppServerHost,
  AppServerOptions,
  ClientInfo,
  ThreadRequest,
} from "@codex-ts/app-server";
import type { KeptThreadOptions } from "@codex-ts/core";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/model-provider";
import { accountReading } from "./app-server-account.ts";
import { configReading } from "./app-server-config.ts";
import type { CliProcess } from "./cli-process.ts";
import { loadConfigFor } from "./config-file.ts";
import type { LoadedConfig } from "./config-file.ts";
import type { ConfigOverride } from "./config-overrides.ts";
import { allowMcpTool } from "./mcp-tool-approval.ts";
import { given } from "./given.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { ListClient, ListedModels } from "./listed-models.ts";
import { openProvider } from "./provider.ts";
import { offeredModels, readCatalogFile, readModels } from "./configured-models.ts";
import { skills, threadSettings } from "./thread-settings.ts";
import { cliVersion } from "./version.ts";

/** Sources of the settings of the app server's threads. */
interface HostSources {
  readonly options: GlobalOptions;
  readonly cliProcess: CliProcess;
  readonly home: string;
  readonly network: Network;
  readonly warn: (message: string) => void;
}

/** The program around the app server: its configuration files, login and models. */
export function appServerHost(
  sources: HostSources,
): AppServerHost & Required<Pick<AppServerOptions, "userAgent">> {
  const { options, cliProcess, home, warn } = sources;
  const load = (): LoadedConfig => loadConfigFor(options, home);
  return {
    userAgent: (client, codexVersion) => userAgent(client, codexVersion, cliProcess),
    threadOptions: (request) => threadOptions(request, sources),
    model: async (slug, client) => {
      const loaded = load();
      const { config, file } = loaded;
      const list = () => listedModels(loaded, client, sources);
      return (await readModels(slug, config, { home, file, warn, list })).model;
    },
    models: async (client) => {
      const loaded = load();
      return catalogModels(loaded, home, () => listedModels(loaded, client, sources));
    },
    config: async () => configReading(load()),
    account: () => accountReading({ ...sources, loaded: load() }),
    allowMcpTool: async (server, tool) => allowMcpTool(home, server, tool),
    skills: async (cwd) => {
      const warnings: string[] = [];
      const found = await skills(load().config, {
        cwd,
        home,
        env: cliProcess.env,
        warn: (message) => warnings.push(message),
      });
      return { skills: found.skills ?? [], warnings };
    },
  };
}

async function threadOptions(
  request: ThreadRequest,
  { options, cliProcess, network, warn }: HostSources,
): Promise<KeptThreadOptions> {
  const { client, approvalPolicy, sandboxMode, serviceTier } = request;
  const { baseInstructions, developerInstructions } = request;
  const { settings } = await threadSettings(
    {
      ...options,
      cd: request.cwd,
      isDirectoryOptional: true,
      model: request.model,
      ephemeral: request.ephemeral,
      overrides: overridesOf(request),
    },
    cliProcess,
    { network, warn, canAsk: true, client: asHeaders(client, cliProcess) },
  );
  // Warnings are the client's to read, in the first turn.
  const { onWarning: _, ...rest } = settings;
  return {
    ...rest,
    sessionSource: "vscode",
    threadSource: request.threadSource ?? null,
    ...given({
      approvalPolicy,
      sandboxMode,
      serviceTier,
      baseInstructions,
      developerInstructions,
    }),
  };
}

function overridesOf({ config, modelProvider }: ThreadRequest): readonly ConfigOverride[] {
  const overrides = Object.entries(config ?? {}).map(([key, value]) => ({
    path: key.split(".").filter((part) => part !== "__proto__"),
    value,
  }));
  if (modelProvider === undefined) return overrides;
  return [...overrides, { path: ["model_provider"], value: modelProvider }];
}

/** The models the configured provider offers, as a client asks for them. */
async function listedModels(
  loaded: LoadedConfig,
  client: ClientInfo,
  sources: HostSources,
): Promise<ListedModels | undefined> {
  const { cliProcess, warn } = sources;
  const provider = await openProvider({ ...sources, loaded, warn });
  return await offeredModels(provider, {
    ...sources,
    config: loaded.config,
    client: asHeaders(client, cliProcess),
  });
}

function asHeaders(client: ClientInfo, cliProcess: CliProcess): ListClient {
  return {
    originator: client.name,
    userAgent: userAgent(client, cliVersion(), cliProcess),
  };
}

/** Named like Codex's: the client is the originator. */
function userAgent(
  { name, version }: ClientInfo,
  clientVersion: string,
  { env }: CliProcess,
): string {
  return formatUserAgent({
    originator: name,
    clientVersion,
    host: describeHost(env),
    suffix: `${name}; ${version}`,
  });
}

/** Those of the catalog, else of the provider, else the configured model. */
async function catalogModels(
  { config }: LoadedConfig,
  home: string,
  list: () => Promise<ListedModels | undefined>,
): Promise<readonly ModelInfo[]> {
  if (config.model_catalog_json !== undefined) {
    return readCatalogFile(resolve(home, config.model_catalog_json));
  }
  const listed = await list();
  if (listed !== undefined) return listed.models;
  if (config.model === undefined) return [];
  const { compatibility } = config;
  return [{ ...fallbackModelInfo(config.model, { compatibility }), visibility: "list" }];
}
