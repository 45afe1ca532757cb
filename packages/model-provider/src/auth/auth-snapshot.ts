import type { AuthProvider } from "@codex-ts/api";
import type { AuthMode } from "@codex-ts/protocol";
import type { RecoveryOptions, UnauthorizedRecovery } from "./recovery.ts";

/** The credentials in use at one moment. Immutable: a refresh makes a new one. */
export interface AuthSnapshot {
  readonly mode: AuthMode;
  /** Workspace sent with requests; `undefined` for API keys. */
  readonly accountId: string | undefined;
  /** Attaches these credentials to requests. */
  readonly authProvider: AuthProvider;
  /** Who they belong to; absent for API keys and token commands. */
  readonly account?: AccountFacts | undefined;
}

/** Facts of tokens about the person behind them. */
export interface AccountFacts {
  readonly email: string | undefined;
  readonly planType: string | undefined;
  readonly userId: string | undefined;
  /** Workspace the token was issued for; compared with the forced workspaces. */
  readonly workspaceId: string | undefined;
  readonly isFedrampAccount: boolean;
}

/** An owner of credentials: the auth manager or token command of this package, or your own. */
export interface CredentialSource {
  /**
   * The credentials for the next request, refreshed first where they are about to expire; `undefined` when logged out.
   * Rejects with a `ProviderError` when there are credentials that cannot be used.
   */
  auth(): Promise<AuthSnapshot | undefined>;
  /** A plan for one request that got a 401. Absent: such a request fails. */
  unauthorizedRecovery?(options?: RecoveryOptions): UnauthorizedRecovery;
}
