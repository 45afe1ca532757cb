// Every line here is public API: adding one needs a changeset.
export { authModeLabel, hasChatgptAccount, usesCodexBackend } from "./auth/auth-mode.ts";
export { BearerAuthProvider, unauthenticatedAuthProvider } from "./auth/auth-providers.ts";
export { authHeaderTelemetry } from "./auth/header-telemetry.ts";
export {
  BEDROCK_PROVIDER_ID,
  DEFAULT_PROVIDER_ID,
  createOssProviderWithBaseUrl,
} from "./builtin-providers.ts";
export { createModelProvider } from "./create-model-provider.ts";
export { EnvVarError, ModelCatalogError, ProviderConfigError, ProviderError } from "./errors.ts";
export { findModelInfo, readModelCatalog } from "./models/catalog.ts";
export { fallbackModelInfo } from "./models/fallback.ts";
export { parseModelProviders } from "./parse-model-providers.ts";
export { Secret } from "./secret.ts";
export { selectModelProvider } from "./select-model-provider.ts";

export type { AuthMode, AuthModeLabel } from "./auth/auth-mode.ts";
export type { BearerAuthProviderOptions } from "./auth/auth-providers.ts";
export type { AuthSnapshot, CredentialSource } from "./auth/auth-snapshot.ts";
export type { AuthHeaderTelemetry } from "./auth/header-telemetry.ts";
export type { CreateModelProviderOptions } from "./create-model-provider.ts";
export type { Environment } from "./environment.ts";
export type { ProviderErrorCode } from "./errors.ts";
export type { FoundModelInfo } from "./models/catalog.ts";
export type { ModelInfo, ReasoningLevel, ServiceTier } from "./models/model-info.ts";
export type { ModelProvider } from "./model-provider.ts";
export type { ParseModelProvidersOptions } from "./parse-model-providers.ts";
export type { AwsProviderInfo, ModelProviderInfo, TokenCommandInfo } from "./provider-info.ts";
export type { SelectModelProviderOptions, SelectedModelProvider } from "./select-model-provider.ts";
