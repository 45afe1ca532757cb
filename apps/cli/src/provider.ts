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
import { describeUnknownKeys } from "./unknown-keys.ts";

/** Version whose requests ours are, told to providers that ask for a client version. */
export const COMPATIBLE_CODEX_VERSION = "0.140.0";

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
export async function readProvider(
  sources: ProviderSources,
  selected: SelectedModelProvider = selectProvider(sources),
): Promise<ThreadOptions["provider"]> {
  const authManager = await openLogin(selected.info, sources);
  refuseLoggedOut(selected, authManager, sources);
  return toProvider(selected, authManager, sources);
}

/** The same, also when nobody is logged in: for what can be known all the same. */
export async function openProvider(sources: ProviderSources): Promise<ThreadOptions["provider"]> {
  const selected = selectProvider(sources);
  return toProvider(selected, await openLogin(selected.info, sources), sources);
}

function toProvider(
  { id, info }: SelectedModelProvider,
  authManager: AuthManager | undefined,
  { cliProcess: { env }, warn }: ProviderSources,
): ThreadOptions["provider"] {
  const clientVersion = COMPATIBLE_CODEX_VERSION;
  return createModelProvider({ id, info, env, clientVersion, authManager, warn });
}

/** The active provider, without a login. Throws `CommandError` that names the key. */
export function selectProvider({
  loaded,
  cliProcess: { env },
  warn,
}: Pick<ProviderSources, "loaded" | "cliProcess" | "warn">): SelectedModelProvider {
  let unknownPaths: readonly string[] = [];
  try {
    const selected = selectModelProvider({
      config: { ...loaded.config },
      env,
      clientVersion: COMPATIBLE_CODEX_VERSION,
      onUnknownKeys: (paths) => (unknownPaths = paths),
    });
    for (const line of describeUnknownKeys(unknownPaths, loaded)) warn(line);
    return selected;
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    // A misspelt key explains why something else is missing.
    describeUnknownKeys(unknownPaths, loaded);
    const path = "path" in error ? String(error.path) : "";
    const source = path === "" ? loaded.file : loaded.sourceOf(path.split("."));
    throw new CommandError(`${source}: ${describeError(error, false)}`, { cause: error });
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

/** Without credentials every request would be sent in vain, and repeated. */
function refuseLoggedOut(
  { id, info }: SelectedModelProvider,
  manager: AuthManager | undefined,
  { cliProcess: { env, commandName } }: ProviderSources,
): void {
  const isCovered =
    manager?.authCached() !== undefined || hasCredential(info) || !info.requiresOpenaiAuth;
  if (isCovered) return;
  const hint =
    (env["OPENAI_API_KEY"] ?? "") === ""
      ? `${commandName} login, or set CODEX_API_KEY`
      : `OPENAI_API_KEY is not read, use printenv OPENAI_API_KEY | ${commandName} login --with-api-key`;
  throw new CommandError(
    `nobody is logged in, and model provider ${id} asks for a login: ${hint}; a server without logins is a model provider of its own, without requires_openai_auth`,
  );
}

function hasCredential(info: ModelProviderInfo): boolean {
  const headers = { ...info.httpHeaders, ...info.envHttpHeaders };
  return (
    info.envKey !== undefined ||
    info.experimentalBearerToken !== undefined ||
    info.auth !== undefined ||
    Object.keys(headers).some((name) => /auth|cookie|key|secret|token/i.test(name))
  );
}
