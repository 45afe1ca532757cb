import {
  type Network,
  describeHost,
  formatUserAgent,
  networkFromEnvironment,
  resolveOriginator,
} from "@codex-ts/api";
import {
  type CredentialContext,
  type CredentialStoreMode,
  type ForcedLoginMethod,
  ProviderError,
  parseCredentialStoreMode,
  parseForcedLoginMethod,
  parseForcedWorkspaceIds,
} from "@codex-ts/model-provider";
import type { CliProcess } from "./cli-process.ts";
import { codexHome } from "./codex-home.ts";
import { type LoadedConfig, loadConfigFor } from "./config-file.ts";
import { CommandError, describeError } from "./errors.ts";
import type { GlobalOptions } from "./global-options.ts";
import { warnOn } from "./render/warn-on.ts";
import { cliVersion } from "./version.ts";

/** Where logins are kept, how their servers are reached, and which of them may be used. */
export interface CredentialSettings {
  readonly context: CredentialContext;
  readonly forcedLoginMethod: ForcedLoginMethod | undefined;
}

/** Rules of the configuration about logins. */
export interface LoginRules {
  readonly forcedLoginMethod: ForcedLoginMethod | undefined;
  readonly forcedWorkspaceIds: readonly string[];
  readonly storeMode: CredentialStoreMode;
}

/** Reads the rules. Throws `CommandError` naming file and key. */
export function loginRules({ config, file }: LoadedConfig): LoginRules {
  try {
    return {
      forcedLoginMethod: parseForcedLoginMethod(config.forced_login_method),
      forcedWorkspaceIds: parseForcedWorkspaceIds(config.forced_chatgpt_workspace_id),
      storeMode: parseCredentialStoreMode(config.cli_auth_credentials_store),
    };
  } catch (error) {
    if (!ProviderError.is(error)) throw error;
    throw new CommandError(`${file}: ${describeError(error, false)}`, { cause: error });
  }
}

/** This program, as servers read it. */
export function ownClient({ env }: Pick<CliProcess, "env">): {
  readonly originator: string;
  readonly userAgent: string;
} {
  const originator = resolveOriginator(env);
  const host = describeHost(env);
  return {
    originator,
    userAgent: formatUserAgent({ originator, clientVersion: cliVersion(), host }),
  };
}

/** Settings for using logins; opens no connection yet. Throws as `loginRules` does. */
export function credentialSettings(
  loaded: LoadedConfig,
  home: string,
  { env }: CliProcess,
  { network, warn }: { readonly network: Network; readonly warn: (message: string) => void },
): CredentialSettings {
  const { forcedLoginMethod, ...rules } = loginRules(loaded);
  return {
    context: {
      codexHome: home,
      env,
      client: { ...ownClient({ env }), dispatcher: network.dispatcher },
      chatgptBaseUrl: loaded.config.chatgpt_base_url || undefined,
      warn,
      ...rules,
    },
    forcedLoginMethod,
  };
}

/**
 * Runs a login command with its settings. When the user stops it, connections are cut and the reason is thrown at once;
 * what a server then still sends is not stored.
 */
export async function withCredentialSettings<T>(
  options: GlobalOptions,
  cliProcess: CliProcess,
  run: (settings: CredentialSettings) => Promise<T>,
): Promise<T> {
  const home = codexHome(cliProcess);
  const loaded = loadConfigFor(options, home);
  const warn = warnOn(cliProcess.stderr);
  const network = networkFromEnvironment(cliProcess.env);
  if (network.certificateProblem !== undefined) warn(network.certificateProblem.message);
  const { interrupted } = cliProcess;
  const stop = (): void => void network.dispatcher.destroy();
  interrupted.addEventListener("abort", stop, { once: true });
  try {
    interrupted.throwIfAborted();
    return await run(credentialSettings(loaded, home, cliProcess, { network, warn }));
  } catch (error) {
    // Cut connections fail in their own words; the user's wish is the reason.
    interrupted.throwIfAborted();
    throw error;
  } finally {
    interrupted.removeEventListener("abort", stop);
    await network.dispatcher.destroy();
  }
}
