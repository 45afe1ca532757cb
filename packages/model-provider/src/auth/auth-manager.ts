import { CredentialsError } from "../errors.ts";
import { Mutex } from "../internal/mutex.ts";
import { type CredentialContext, toAuthSources } from "./credential-context.ts";
import type { AuthMode } from "@codex-ts/protocol";
import type { AuthSnapshot, CredentialSource } from "./auth-snapshot.ts";
import {
  type HostTokenSource,
  type HostTokens,
  askHost,
  credentialsFromHostTokens,
} from "./host-tokens.ts";
import { type AuthSources, type LoadedAuth, loadAuth, withCredentials } from "./load-auth.ts";
import { announceOverrides } from "./overrides.ts";
import { isRefreshDue } from "./proactive-refresh.ts";
import {
  type RecoveryAvailability,
  type RecoveryOptions,
  type UnauthorizedRecovery,
  createRecovery,
} from "./recovery.ts";
import { refreshOnce } from "./refresh-coordinator.ts";
import { RefreshTokenError } from "./refresh-error.ts";

/** Options of {@link AuthManager}. */
export interface AuthManagerOptions extends CredentialContext {
  /** Whether `CODEX_API_KEY` counts. Default false; non-interactive programs set it. */
  readonly isApiKeyVariableEnabled?: boolean | undefined;
  /** Asked for new tokens after a 401 when a host application supplies them. */
  readonly hostTokens?: HostTokenSource | undefined;
}

/** Result of a guarded reload. */
export type ReloadOutcome = "changed" | "unchanged" | "skipped";

/**
 * The single owner of the stored login in a process: loads it once, refreshes it before it expires and after a 401, and
 * spends a refresh token at most once, also when several processes share the directory. Make one per process.
 *
 * External edits of the store are seen at the next reload only. Source: docs/behavior/model-provider.md 9.
 */
export class AuthManager implements CredentialSource {
  readonly #options: AuthManagerOptions;
  readonly #sources: AuthSources;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #mutex = new Mutex();
  readonly #listeners = new Set<() => void>();
  #firstLoad: Promise<unknown> | undefined;
  #loaded: LoadedAuth | undefined;
  #permanentFailure:
    | { readonly fingerprint: string; readonly error: RefreshTokenError }
    | undefined;
  #lastWarning: string | undefined;

  constructor(options: AuthManagerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#warn = options.warn ?? (() => {});
    this.#sources = toAuthSources(options, options.isApiKeyVariableEnabled ?? false);
    announceOverrides(options.env, this.#warn);
  }

  async auth(): Promise<AuthSnapshot | undefined> {
    await this.#ensureLoaded();
    const { credentials } = this.#loaded ?? {};
    if (credentials !== undefined && isRefreshDue(credentials, this.#now())) {
      // The old token may still be accepted, so the request goes out whatever comes of this.
      await this.refreshToken().catch((error: unknown) => this.#warnOnce(proactiveFailure(error)));
    }
    return this.#loaded?.snapshot;
  }

  /** The credentials of the last load, without any I/O. */
  authCached(): AuthSnapshot | undefined {
    return this.#loaded?.snapshot;
  }

  /** Kind of the cached credentials. */
  cachedMode(): AuthMode | undefined {
    return this.#loaded?.snapshot.mode;
  }

  /** The permanent refusal of the cached credentials, if there was one: nobody is really logged in any more. */
  permanentFailure(): RefreshTokenError | undefined {
    const failure = this.#permanentFailure;
    return failure?.fingerprint === this.#loaded?.fingerprint ? failure?.error : undefined;
  }

  /** Calls `listener` whenever other credentials are in use; what it throws is dropped. Returns the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loads the stored credentials again. Returns whether they differ from those in use. */
  async reload(): Promise<boolean> {
    const loaded = await loadAuth(this.#sources, this.#loaded);
    this.#firstLoad = Promise.resolve();
    return this.#replace(loaded);
  }

  /** Loads again, but only takes over credentials of the expected account. */
  async reloadIfAccountIdMatches(expected: string | undefined): Promise<ReloadOutcome> {
    const loaded = await loadAuth(this.#sources, this.#loaded);
    if (expected === undefined || loaded?.snapshot.accountId !== expected) return "skipped";
    return this.#replace(loaded) ? "changed" : "unchanged";
  }

  /** Renews a managed login unless that was done already. Nothing happens for other kinds of credentials. */
  async refreshToken(): Promise<void> {
    await this.#ensureLoaded();
    const attempted = this.#loaded;
    if (attempted === undefined || !isManaged(attempted)) return;
    await this.#mutex.run(async () => {
      if (this.#loaded !== attempted) return;
      const outcome = await this.reloadIfAccountIdMatches(attempted.snapshot.accountId);
      if (outcome === "skipped") throw RefreshTokenError.permanent("account_mismatch");
      if (outcome === "unchanged") await this.#refresh(attempted);
    });
  }

  /** Renews a managed login without looking at the store first, except under the lock of the directory. */
  async refreshTokenFromAuthority(): Promise<void> {
    await this.#ensureLoaded();
    const attempted = this.#loaded;
    if (attempted === undefined || !isManaged(attempted)) return;
    await this.#mutex.run(async () => {
      if (this.#loaded === attempted) await this.#refresh(attempted);
    });
  }

  /** Takes tokens from a host application; they are kept in memory only. */
  async useHostTokens(tokens: HostTokens): Promise<void> {
    await this.#sources.ephemeral.save(credentialsFromHostTokens(tokens, this.#now()));
    await this.reload();
  }

  unauthorizedRecovery(options?: RecoveryOptions): UnauthorizedRecovery {
    // The login the request was made with: recovery must not end in somebody else's. Made before the first request,
    // there is none yet; then it is the one that request loaded.
    let begun = this.#loaded?.snapshot;
    const login = (): AuthSnapshot | undefined => (begun ??= this.#loaded?.snapshot);
    const isExternal = () => login()?.mode === "chatgptAuthTokens";
    return createRecovery(
      {
        mode: () => (isExternal() ? "external" : "managed"),
        fingerprint: () => this.#loaded?.fingerprint,
        availability: () => this.#recoveryAvailability(isExternal()),
        reload: () => this.reloadIfAccountIdMatches(login()?.accountId),
        renew: (signal) =>
          isExternal()
            ? this.#refreshFromHost(login()?.accountId, signal)
            : this.refreshTokenFromAuthority(),
      },
      options,
    );
  }

  #recoveryAvailability(isExternal: boolean): Exclude<RecoveryAvailability, "recovery_exhausted"> {
    const mode = this.#loaded?.snapshot.mode;
    if (mode === "personalAccessToken") return "not_refreshable_auth";
    if (mode !== "chatgpt" && mode !== "chatgptAuthTokens") return "not_chatgpt_auth";
    return isExternal && this.#options.hostTokens === undefined ? "no_external_auth" : "ready";
  }

  async #ensureLoaded(): Promise<void> {
    this.#firstLoad ??= this.reload();
    try {
      await this.#firstLoad;
    } catch (error) {
      // A file repaired meanwhile is read at the next request.
      this.#firstLoad = undefined;
      throw error;
    }
  }

  async #refresh(attempted: LoadedAuth): Promise<void> {
    const known = this.permanentFailure();
    if (known !== undefined) throw known;
    const { store } = attempted;
    if (store === undefined) return;
    try {
      const isEphemeral =
        store === this.#sources.ephemeral || this.#options.storeMode === "ephemeral";
      const credentials = await refreshOnce(attempted.credentials, {
        store,
        lockDirectory: isEphemeral ? undefined : this.#options.codexHome,
        env: this.#options.env,
        client: this.#options.client,
        now: this.#now,
        warn: (message) => this.#warnOnce(message),
      });
      const renewed = await withCredentials(attempted, credentials, this.#sources);
      // A reload meanwhile has read the same store, or somebody's new login; either is as good or better.
      if (this.#loaded === attempted) this.#replace(renewed);
    } catch (error) {
      const isPermanent = error instanceof RefreshTokenError && error.kind === "permanent";
      if (isPermanent && this.#loaded === attempted) {
        this.#permanentFailure = { fingerprint: attempted.fingerprint, error };
      }
      throw error;
    }
  }

  async #refreshFromHost(accountId: string | undefined, signal?: AbortSignal): Promise<void> {
    const { hostTokens, forcedWorkspaceIds = [] } = this.#options;
    if (hostTokens === undefined) throw RefreshTokenError.transient("no host application to ask");
    await this.#mutex.run(async () => {
      const options = { previousAccountId: accountId, forcedWorkspaceIds, signal };
      await this.useHostTokens(await askHost(hostTokens, options));
    });
  }

  /** Puts other credentials in use; what is known about the old ones ends with them. */
  #replace(loaded: LoadedAuth | undefined): boolean {
    const hasChanged = loaded?.fingerprint !== this.#loaded?.fingerprint;
    this.#loaded = loaded;
    if (!hasChanged) return false;
    this.#permanentFailure = undefined;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // New credentials are in use already; a mistake of an observer does not change that.
      }
    }
    return true;
  }

  /** A dead token endpoint would otherwise say the same before every request. */
  #warnOnce(message: string): void {
    if (message !== this.#lastWarning) this.#warn(message);
    this.#lastWarning = message;
  }
}

function isManaged({ credentials }: LoadedAuth): boolean {
  return credentials.mode === "chatgpt";
}

function proactiveFailure(error: unknown): string {
  const isKnown = error instanceof RefreshTokenError || CredentialsError.is(error);
  return isKnown
    ? (error as Error).message
    : "the access token could not be refreshed ahead of time";
}
