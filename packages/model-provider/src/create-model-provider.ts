import type { AuthProvider } from "@codex-ts/api";
import { toApiProvider } from "./api-provider.ts";
import type { AuthMode } from "@codex-ts/protocol";
import { BearerAuthProvider, unauthenticatedAuthProvider } from "./auth/auth-providers.ts";
import type { CredentialSource } from "./auth/auth-snapshot.ts";
import { TokenCommandSource } from "./auth/token-command.ts";
import { createBedrockProvider } from "./bedrock/bedrock-provider.ts";
import { BEDROCK_PROVIDER_NAME } from "./builtin-providers.ts";
import { type Environment, readVariable } from "./environment.ts";
import { EnvVarError } from "./errors.ts";
import { isCleartextUrl } from "./internal/cleartext-url.ts";
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
  /** Told once when a credential goes over plain HTTP to another host. Default: nobody is. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Joins one provider record with the credentials that belong to it.
 *
 * A key variable beats a literal token, which beats a token command or the stored login; the stored login never goes to
 * a provider that does not ask for it. Amazon Bedrock has credentials of its own.
 * Source: docs/behavior/model-provider.md 4-6.
 */
export function createModelProvider(options: CreateModelProviderOptions): ModelProvider {
  const { id, info, env } = options;
  // Its code is small; the AWS packages are loaded when a request is signed.
  if (info.name === BEDROCK_PROVIDER_NAME) return createBedrockProvider({ id, info, env });
  const source = credentialSource(options);
  const warnCleartext = cleartextWarning(options);
  const authMode = async (): Promise<AuthMode | undefined> =>
    hasOwnCredential(info) || info.auth !== undefined ? "apikey" : (await source?.auth())?.mode;
  return {
    id,
    info,
    authMode,
    async apiProvider() {
      const mode = await authMode();
      if (mode !== undefined) warnCleartext();
      return toApiProvider(info, env, mode);
    },
    async apiAuth() {
      const own = ownCredential(info, env);
      return own ?? (await source?.auth())?.authProvider ?? unauthenticatedAuthProvider;
    },
    unauthorizedRecovery: (recoveryOptions) => source?.unauthorizedRecovery?.(recoveryOptions),
  };
}

/** Who supplies credentials when the provider record itself holds none. */
function credentialSource({
  info,
  env,
  authManager,
}: CreateModelProviderOptions): CredentialSource | undefined {
  if (hasOwnCredential(info)) return undefined;
  if (info.auth !== undefined) return new TokenCommandSource({ command: info.auth, env });
  return info.requiresOpenaiAuth ? authManager : undefined;
}

/** Only a configured base URL can be plain HTTP; its author decides, but should know. */
function cleartextWarning({ id, info, warn }: CreateModelProviderOptions): () => void {
  let isWarned = info.baseUrl === undefined || !isCleartextUrl(info.baseUrl);
  return () => {
    if (isWarned) return;
    isWarned = true;
    warn?.(`provider ${id} sends credentials over plain HTTP; use an https base_url`);
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
