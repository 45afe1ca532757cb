import type { Network } from "@codex-ts/api";
import type { ThreadOptions } from "@codex-ts/core";
import {
  AuthManager,
  type ModelProviderInfo,
  ProviderError,
  type SelectedModelProvider,
  createModelProvider,
  enforceLoginRestrictions,
  selectModelProvider,
} from "@codex-ts/model-provider";
import type { CliProcess } from "./cli-process.ts";
import type { LoadedConfig } from "./config-file.ts";
import { credentialSettings, loginRules } from "./credential-settings.ts";
import { CommandError, describeError } from "./errors.ts";

/** Version whose requests ours are, told to providers that ask for a client version. */
const COMPATIBLE_CODEX_VERSION = "0.140.0";

/** Sources of a provider. */
export interface ProviderSources {
  readonly loaded: LoadedConfig;
  /** Configuration directory, which holds the login too. */
  readonly home: string;
  readonly cliProcess: CliProcess;
  readonly network: Network;
  readonly warn: (message: string) => void;
}

/**
 * The active provider with the credentials that belong to it. The stored login is read, and checked against what the
 * configuration prescribes, where the provider uses it. Throws `CommandError` or what the login is missing.
 */
export async function readProvider(sources: ProviderSources): Promise<ThreadOptions["provider"]> {
  const { cliProcess, warn } = sources;
  const { id, info } = selectProvider(sources);
  const authManager = await openLogin(info, sources);
  const clientVersion = COMPATIBLE_CODEX_VERSION;
  return createModelProvider({ id, info, env: cliProcess.env, clientVersion, authManager, warn });
}

function selectProvider({
  loaded: { config, file, unknownKeys },
  cliProcess: { env },
  warn,
}: ProviderSources): SelectedModelProvider {
  const notes =
    unknownKeys.length === 0 ? [] : [`unknown keys are ignored: ${unknownKeys.join(", ")}`];
  try {
    const selected = selectModelProvider({
      config: { ...config },
      env,
      clientVersion: COMPATIBLE_CODEX_VERSION,
      warn: (message) => notes.push(message),
    });
    if (notes.length > 0) warn(`${file}: ${notes.join("; ")}`);
    return selected;
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    throw new CommandError(`${file}: ${describeError(error, false)}`, { cause: error });
  }
}

/** The one owner of the login in this process; `undefined` where nobody asks for it. */
async function openLogin(
  { requiresOpenaiAuth }: ModelProviderInfo,
  { loaded, home, cliProcess, network, warn }: ProviderSources,
): Promise<AuthManager | undefined> {
  const rules = loginRules(loaded);
  const isRestricted = rules.forcedLoginMethod !== undefined || rules.forcedWorkspaceIds.length > 0;
  if (!requiresOpenaiAuth && !isRestricted) return undefined;
  const { context, forcedLoginMethod } = credentialSettings(loaded, home, cliProcess, {
    network,
    warn,
  });
  const manager = new AuthManager({ ...context, isApiKeyVariableEnabled: true });
  // Not `auth()`, which may refresh tokens: whether they may be used comes first.
  await manager.reload();
  await enforceLoginRestrictions(context, { snapshot: manager.authCached(), forcedLoginMethod });
  return manager;
}
