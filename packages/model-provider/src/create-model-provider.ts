import type { AuthProvider } from "@codex-ts/api";
import { toApiProvider } from "./api-provider.ts";
import type { AuthMode } from "./auth/auth-mode.ts";
import { BearerAuthProvider, unauthenticatedAuthProvider } from "./auth/auth-providers.ts";
import type { AuthSnapshot, CredentialSource } from "./auth/auth-snapshot.ts";
import { type Environment, readVariable } from "./environment.ts";
import { EnvVarError } from "./errors.ts";
import type { ModelProvider } from "./model-provider.ts";
import type { ModelProviderInfo } from "./provider-info.ts";

/** Options of {@link createModelProvider}. */
export interface CreateModelProviderOptions {
  /** Id in the configuration, e.g. `openai`. */
  readonly id: string;
  readonly info: ModelProviderInfo;
  /** Read anew for every request, so that a variable set later is seen. */
  readonly env: Environment;
  /** Version this client states when it asks for the model list, e.g. `0.140.0`. */
  readonly clientVersion: string;
  /** The stored login. Only asked when `info.requiresOpenaiAuth` is true. Default: nobody is logged in. */
  readonly authManager?: CredentialSource | undefined;
}

/**
 * Joins one provider record with the credentials that belong to it.
 *
 * A key variable beats a literal token, which beats the stored login; the stored login never goes to a provider that does
 * not ask for it. Source: model-provider spec, sections 4 to 6.
 */
export function createModelProvider(options: CreateModelProviderOptions): ModelProvider {
  const { id, info, env } = options;
  const authMode = async (): Promise<AuthMode | undefined> =>
    hasOwnCredential(info) ? "apikey" : (await storedLogin(options))?.mode;
  return {
    id,
    info,
    authMode,
    async apiProvider() {
      return toApiProvider(info, env, await authMode());
    },
    async apiAuth() {
      return (
        ownCredential(info, env) ??
        (await storedLogin(options))?.authProvider ??
        unauthenticatedAuthProvider
      );
    },
  };
}

function hasOwnCredential(info: ModelProviderInfo): boolean {
  return info.envKey !== undefined || info.experimentalBearerToken !== undefined;
}

function ownCredential(info: ModelProviderInfo, env: Environment): AuthProvider | undefined {
  if (info.envKey !== undefined) {
    const token = readVariable(env, info.envKey);
    if (token === undefined) throw new EnvVarError(info.envKey, info.envKeyInstructions);
    return new BearerAuthProvider({ token });
  }
  if (info.experimentalBearerToken === undefined) return undefined;
  return new BearerAuthProvider({ token: info.experimentalBearerToken });
}

async function storedLogin({
  info,
  authManager,
}: CreateModelProviderOptions): Promise<AuthSnapshot | undefined> {
  return info.requiresOpenaiAuth ? authManager?.auth() : undefined;
}
