import type { AuthProvider } from "@codex-ts/api";
import type { AuthMode } from "./auth-mode.ts";

/** The credentials in use at one moment. Immutable: a refresh makes a new one. */
export interface AuthSnapshot {
  readonly mode: AuthMode;
  /** Workspace the credentials belong to; `undefined` for API keys. */
  readonly accountId: string | undefined;
  /** Attaches these credentials to requests. */
  readonly authProvider: AuthProvider;
}

/** Whoever owns credentials; the auth manager of this package, or your own. */
export interface CredentialSource {
  /** The credentials for the next request, refreshed first where they are about to expire; `undefined` when logged out. */
  auth(): Promise<AuthSnapshot | undefined>;
}
