import { expect, test } from "vitest";
import * as modelProvider from "@codex-ts/model-provider";
import * as bedrock from "@codex-ts/model-provider/bedrock";

test("the public surface is what it is meant to be", () => {
  expect(Object.keys(modelProvider).toSorted()).toMatchInlineSnapshot(`
    [
      "AuthManager",
      "BEDROCK_PROVIDER_ID",
      "BUNDLED_MODELS",
      "BearerAuthProvider",
      "CredentialsError",
      "DEFAULT_CHATGPT_BASE_URL",
      "DEFAULT_PROVIDER_ID",
      "EnvVarError",
      "LoginError",
      "MODEL_PROVIDER_KEYS",
      "ModelCatalogError",
      "ModelsManager",
      "PROJECT_PROTECTED_KEYS",
      "ProviderConfigError",
      "ProviderError",
      "RecoveryScope",
      "RefreshTokenError",
      "Secret",
      "StoredCredentials",
      "TokenCommandError",
      "TokenCommandSource",
      "authHeaderTelemetry",
      "authRequestTelemetryContext",
      "checkLoginMethod",
      "createCredentialStore",
      "createModelProvider",
      "createOssProviderWithBaseUrl",
      "enforceLoginRestrictions",
      "fallbackModelInfo",
      "findModelInfo",
      "loginStatus",
      "loginWithAccessToken",
      "loginWithApiKey",
      "loginWithBrowser",
      "loginWithDeviceCode",
      "logout",
      "parseCredentialStoreMode",
      "parseForcedLoginMethod",
      "parseForcedWorkspaceIds",
      "parseModelProviders",
      "providerAccountState",
      "providerCapabilities",
      "readModelCatalog",
      "selectModelProvider",
      "unauthenticatedAuthProvider",
      "usesCodexBackend",
      "withModelOverrides",
      "withoutProtectedKeys",
    ]
  `);
});

test("the surface of the Bedrock subpath is what it is meant to be", () => {
  expect(Object.keys(bedrock).toSorted()).toEqual([
    "BEDROCK_MODELS",
    "BEDROCK_REGIONS",
    "createBedrockProvider",
  ]);
});
