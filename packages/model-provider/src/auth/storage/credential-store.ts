import type { StoredCredentials } from "../stored-credentials.ts";

/** Where credentials live between runs. Source: docs/behavior/model-provider.md 8.2. */
export interface CredentialStore {
  /** Where a person finds it, e.g. the path of `auth.json`. */
  readonly location: string;
  /** `undefined` when nothing is stored. Rejects with `CredentialsError` when what is stored cannot be used. */
  load(): Promise<StoredCredentials | undefined>;
  save(credentials: StoredCredentials): Promise<void>;
  /** Whether there was something to remove. */
  remove(): Promise<boolean>;
}

/** Values of `cli_auth_credentials_store`. */
export type CredentialStoreMode = "file" | "keyring" | "auto" | "ephemeral";
