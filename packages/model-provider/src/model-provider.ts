import type { ApiProvider, AuthProvider } from "@codex-ts/api";
import type { AuthMode } from "@codex-ts/protocol";
import type { RecoveryOptions, UnauthorizedRecovery } from "./auth/recovery.ts";
import type { ModelProviderInfo } from "./provider-info.ts";

/** A provider ready for use: configuration and the credentials that belong to it. */
export interface ModelProvider {
  /** Id in the configuration, e.g. `openai`. */
  readonly id: string;
  readonly info: ModelProviderInfo;
  /** Transport settings for the next request: base URL, query, headers, retries, idle timeout. */
  apiProvider(): Promise<ApiProvider>;
  /** Credentials for the next request. Rejects with `EnvVarError` when a configured key variable is missing or blank. */
  apiAuth(): Promise<AuthProvider>;
  /** Kind of the credential `apiAuth` attaches; `undefined` when it attaches none. Never rejects for a missing variable. */
  authMode?(): Promise<AuthMode | undefined>;
  /**
   * A plan for one request that may get a 401; make one per request. `undefined` or absent: such a request fails,
   * because its credential cannot be renewed (a key variable, a literal token, none at all).
   */
  unauthorizedRecovery?(options?: RecoveryOptions): UnauthorizedRecovery | undefined;
}
