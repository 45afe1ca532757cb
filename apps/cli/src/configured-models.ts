import { resolve } from "node:path";
import type { Network } from "@codex-ts/api";
import type { ThreadOptions } from "@codex-ts/core";
import {
  ProviderError,
  type ModelInfo,
  fallbackModelInfo,
  findModelInfo,
  readModelCatalog,
  withModelOverrides,
} from "@codex-ts/model-provider";
import type { CliProcess } from "./cli-process.ts";
import type { Config } from "./config-schema.ts";
import { ownClient } from "./credential-settings.ts";
import { CommandError, describeError, fileProblem } from "./errors.ts";
import { given } from "./given.ts";
import type { ListClient, ListedModels } from "./listed-models.ts";
import { readTextFile } from "./read-text-file.ts";

/** Of some hundred models, with the instructions of each. */
const MAX_CATALOG_BYTES = 16 * 1024 * 1024;

/** Where the metadata of models comes from. */
interface ModelSources {
  readonly home: string;
  /** The configuration file, to be named in errors. */
  readonly file: string;
  readonly warn: (message: string) => void;
  /** The models the provider offers; `undefined` for one that is not asked. Called where there is no catalog. */
  readonly list: () => Promise<ListedModels | undefined>;
}

/** The model as the configuration wants it, and those of the catalog or the provider. */
export async function readModels(
  model: string | undefined,
  config: Config,
  sources: ModelSources,
): Promise<Pick<ThreadOptions, "model" | "models" | "onModelsEtag">> {
  const { found, ...rest } = await findModel(model, config, sources);
  return { model: asConfigured(found, config), ...given(rest) };
}

/** The models of a provider that lists them for logins; `undefined` for any other, which has no such list. */
export async function offeredModels(
  provider: ThreadOptions["provider"],
  sources: {
    readonly config: Config;
    readonly home: string;
    readonly cliProcess: CliProcess;
    readonly network: Network;
    readonly client?: ListClient | undefined;
  },
): Promise<ListedModels | undefined> {
  const { requiresOpenaiAuth, auth } = provider.info;
  if (!requiresOpenaiAuth && auth === undefined) return undefined;
  const { config, cliProcess, home, network, client = ownClient(cliProcess) } = sources;
  const { compatibility } = config;
  const { listModels } = await import("./listed-models.ts");
  return await listModels({ provider, home, network, compatibility, client });
}

function asConfigured(found: string | ModelInfo, config: Config): string | ModelInfo {
  const {
    model_context_window: contextWindow,
    model_auto_compact_token_limit: autoCompactTokenLimit,
    tool_output_token_limit: toolOutputTokenLimit,
    compatibility,
  } = config;
  const overrides = { contextWindow, autoCompactTokenLimit, toolOutputTokenLimit };
  if (Object.values(overrides).every((value) => value === undefined)) return found;
  const info = typeof found === "string" ? fallbackModelInfo(found, { compatibility }) : found;
  return withModelOverrides(info, overrides);
}

interface FoundModel extends Pick<ThreadOptions, "models" | "onModelsEtag"> {
  readonly found: string | ModelInfo;
}

async function findModel(
  model: string | undefined,
  config: Config,
  { home, file, warn, list }: ModelSources,
): Promise<FoundModel> {
  if (model === undefined || model.trim() === "") {
    throw new CommandError(`no model configured: pass -m MODEL, or set model = "..." in ${file}`);
  }
  if (config.model_catalog_json === undefined) {
    return findListed(model, await list(), { config, warn });
  }
  const catalogFile = resolve(home, config.model_catalog_json);
  const { compatibility } = config;
  const models = readCatalogFile(catalogFile);
  const { info, usedFallback } = findModelInfo(models, model, { compatibility });
  if (usedFallback) warn(`model ${model} is not in ${catalogFile}: using careful defaults for it`);
  return { found: info, models };
}

function findListed(
  model: string,
  listed: ListedModels | undefined,
  { config, warn }: { readonly config: Config; readonly warn: (message: string) => void },
): FoundModel {
  if (listed === undefined) return { found: model };
  const { models, isComplete, problem, noteEtag } = listed;
  const { compatibility } = config;
  const { info, usedFallback } = findModelInfo(models, model, { compatibility });
  if (usedFallback && (isComplete || problem !== undefined)) {
    const why = problem ?? "it is not among those the provider lists";
    warn(`model ${model}: ${why}: using careful defaults for it`);
  }
  return { found: info, models, onModelsEtag: noteEtag };
}

export function readCatalogFile(file: string): readonly ModelInfo[] {
  try {
    return readModelCatalog(readTextFile(file, { maxBytes: MAX_CATALOG_BYTES }));
  } catch (error) {
    const problem = ProviderError.is(error) ? describeError(error, false) : fileProblem(error);
    throw new CommandError(`model_catalog_json ${file}: ${problem}`, { cause: error });
  }
}
