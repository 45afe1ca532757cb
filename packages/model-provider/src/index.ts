// Every line here is public API: adding one needs a changeset.
export { providerAccountState } from "./account-state.ts";
export { AuthManager } from "./auth/auth-manager.ts";
export { usesCodexBackend } from "./auth/codex-backend.ts";
export { BearerAuthProvider, unauthenticatedAuthProvider } from "./auth/auth-providers.ts";
export { authHeaderTelemetry } from "./auth/header-telemetry.ts";
export { RecoveryScope } from "./auth/recovery.ts";
export { RefreshTokenError } from "./auth/refresh-error.ts";
export { authRequestTelemetryContext } from "./auth/request-telemetry.ts";
export { createCredentialStore, parseCredentialStoreMode } from "./auth/storage/create-store.ts";
export { StoredCredentials } from "./auth/stored-credentials.ts";
export { TokenCommandError, TokenCommandSource } from "./auth/token-command.ts";
export {
  BEDROCK_PROVIDER_ID,
  DEFAULT_PROVIDER_ID,
  createOssProviderWithBaseUrl,
} from "./builtin-providers.ts";
export { createModelProvider } from "./create-model-provider.ts";
export {
  CredentialsError,
  EnvVarError,
  ModelCatalogError,
  ProviderConfigError,
  ProviderError,
} from "./errors.ts";
export { loginWithBrowser } from "./login/browser-login.ts";
export { loginWithDeviceCode } from "./login/device-login.ts";
export { DEFAULT_CHATGPT_BASE_URL } from "./auth/credential-context.ts";
export { LoginError } from "./login/login-error.ts";
export { logout } from "./login/logout.ts";
export {
  checkLoginMethod,
  enforceLoginRestrictions,
  parseForcedLoginMethod,
  parseForcedWorkspaceIds,
} from "./login/restrictions.ts";
export { loginWithAccessToken, loginWithApiKey } from "./login/simple-logins.ts";
export { loginStatus } from "./login/status.ts";
export { findModelInfo, readModelCatalog } from "./models/catalog.ts";
export { BUNDLED_MODELS } from "./models/bundled.ts";
export { fallbackModelInfo } from "./models/fallback.ts";
export { ModelsManager } from "./models/models-manager.ts";
export { withModelOverrides } from "./models/overrides.ts";
export { parseModelProviders } from "./parse-model-providers.ts";
export { MODEL_PROVIDER_KEYS } from "./provider-schema.ts";
export { providerCapabilities } from "./provider-capabilities.ts";
export { PROJECT_PROTECTED_KEYS, withoutProtectedKeys } from "./project-layer.ts";
export { Secret } from "./secret.ts";
export { selectModelProvider } from "./select-model-provider.ts";

export type { ProviderAccount, ProviderAccountState } from "./account-state.ts";
export type { AuthManagerOptions, ReloadOutcome } from "./auth/auth-manager.ts";
export type { BearerAuthProviderOptions } from "./auth/auth-providers.ts";
export type { AccountFacts, AuthSnapshot, CredentialSource } from "./auth/auth-snapshot.ts";
export type { AuthHeaderTelemetry } from "./auth/header-telemetry.ts";
export type { HostTokenSource, HostTokens } from "./auth/host-tokens.ts";
export type { TokenClaims } from "./auth/jwt.ts";
export type {
  RecoveryAvailability,
  RecoveryMode,
  RecoveryOptions,
  RecoveryPhase,
  RecoveryStepResult,
  UnauthorizedRecovery,
} from "./auth/recovery.ts";
export type { RefreshFailureReason } from "./auth/refresh-error.ts";
export type {
  AuthRequestTelemetryContext,
  PendingUnauthorizedRetry,
} from "./auth/request-telemetry.ts";
export type { CredentialStoreOptions } from "./auth/storage/create-store.ts";
export type { CredentialStore, CredentialStoreMode } from "./auth/storage/credential-store.ts";
export type { EphemeralCredentials } from "./auth/storage/ephemeral-store.ts";
export type { Keyring } from "./auth/storage/keyring.ts";
export type { FromTokensOptions, NewTokens, StoredTokens } from "./auth/stored-credentials.ts";
export type { TokenCommandSourceOptions } from "./auth/token-command.ts";
export type { CreateModelProviderOptions } from "./create-model-provider.ts";
export type { Environment } from "./environment.ts";
export type { CredentialsErrorCode, ProviderErrorCode } from "./errors.ts";
export type { HttpClientOptions } from "./internal/json-client.ts";
export type { BrowserLoginOptions } from "./login/browser-login.ts";
export type { DeviceCodePrompt, DeviceLoginOptions } from "./login/device-login.ts";
export type { CredentialContext } from "./auth/credential-context.ts";
export type { LoginFailureReason } from "./login/login-error.ts";
export type { ForcedLoginMethod } from "./login/restrictions.ts";
export type { LoginStatus } from "./login/status.ts";
export type { IssuerOptions } from "./login/token-exchange.ts";
export type { FoundModelInfo } from "./models/catalog.ts";
export type { FallbackModelOptions } from "./models/fallback.ts";
export type { ModelsManagerOptions, ModelsStrategy } from "./models/models-manager.ts";
export type { ModelInfoOverrides } from "./models/overrides.ts";
export type { ModelInfo } from "@codex-ts/protocol";
export type { ModelProvider } from "./model-provider.ts";
export type { ParseModelProvidersOptions } from "./parse-model-providers.ts";
export type { ProviderCapabilities } from "./provider-capabilities.ts";
export type { AwsProviderInfo, ModelProviderInfo, TokenCommandInfo } from "./provider-info.ts";
export type { SelectModelProviderOptions, SelectedModelProvider } from "./select-model-provider.ts";
