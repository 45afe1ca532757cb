import type { Environment } from "../environment.ts";
import type { HttpClientOptions } from "../internal/json-client.ts";
import type { AuthSources } from "./load-auth.ts";
import { createCredentialStore } from "./storage/create-store.ts";
import type { CredentialStore, CredentialStoreMode } from "./storage/credential-store.ts";
import { type EphemeralCredentials, ephemeralCredentialStore } from "./storage/ephemeral-store.ts";
import type { Keyring } from "./storage/keyring.ts";
import { withUnsavedCredentials } from "./storage/unsaved-credentials.ts";

/** Default of the top-level key `chatgpt_base_url`. */
export const DEFAULT_CHATGPT_BASE_URL = "https://chatgpt.com/backend-api/";

/** Where logins are kept and how services are asked: what login, status, logout and the auth manager share. */
export interface CredentialContext {
  /** Directory shared with Codex, e.g. `~/.codex`. */
  readonly codexHome: string;
  readonly env: Environment;
  /** How credential services are asked. */
  readonly client: HttpClientOptions;
  /** Default `file`. */
  readonly storeMode?: CredentialStoreMode | undefined;
  /** Default: the operating system's, through the optional package `@napi-rs/keyring`. */
  readonly keyring?: Keyring | undefined;
  /** Tokens kept in memory. Default: those of the whole process. */
  readonly ephemeral?: EphemeralCredentials | undefined;
  /** Default `https://chatgpt.com/backend-api/`. */
  readonly chatgptBaseUrl?: string | undefined;
  /** Workspaces a ChatGPT login may belong to. Default: any. */
  readonly forcedWorkspaceIds?: readonly string[] | undefined;
  /** Told what a user should know, one line each, never a secret. Default: nobody is. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** The context as the loader of credentials wants it. */
export function toAuthSources(
  context: CredentialContext,
  isApiKeyVariableEnabled: boolean,
): AuthSources {
  return {
    env: context.env,
    isApiKeyVariableEnabled,
    ephemeral: ephemeralCredentialStore(context.codexHome, context.ephemeral),
    store:
      context.storeMode === "ephemeral" ? undefined : withUnsavedCredentials(openStore(context)),
    chatgptBaseUrl: context.chatgptBaseUrl ?? DEFAULT_CHATGPT_BASE_URL,
    client: context.client,
    now: context.now ?? Date.now,
    warn: context.warn ?? (() => {}),
  };
}

/** The configured store. */
export function openStore(context: CredentialContext): CredentialStore {
  const { codexHome, storeMode: mode, keyring, ephemeral, warn } = context;
  return createCredentialStore({ codexHome, mode, keyring, ephemeral, warn });
}

/** Directory of the lock; none where nothing touches the disk. */
export function lockDirectory(context: CredentialContext): string | undefined {
  return context.storeMode === "ephemeral" ? undefined : context.codexHome;
}
