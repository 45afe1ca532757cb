import type { AuthManager } from "./auth/auth-manager.ts";
import { BEDROCK_PROVIDER_NAME } from "./builtin-providers.ts";
import { CredentialsError } from "./errors.ts";
import type { ModelProviderInfo } from "./provider-info.ts";

/** The account behind a provider, as an account view shows it. */
export type ProviderAccount =
  | { readonly type: "apiKey" }
  | { readonly type: "chatgpt"; readonly email: string; readonly planType: string }
  | { readonly type: "amazonBedrock" };

/** Whether a provider wants the stored login, and whose it is. */
export interface ProviderAccountState {
  /** Absent when nobody is logged in, or the login is known to be dead. */
  readonly account: ProviderAccount | undefined;
  readonly requiresOpenaiAuth: boolean;
}

/**
 * Looks at the credentials loaded last, without any I/O. Throws `CredentialsError` for a ChatGPT login that names no
 * e-mail or plan. Source: docs/behavior/model-provider.md 5.
 */
export function providerAccountState(
  info: ModelProviderInfo,
  manager: AuthManager | undefined,
): ProviderAccountState {
  if (info.name === BEDROCK_PROVIDER_NAME) {
    return { account: { type: "amazonBedrock" }, requiresOpenaiAuth: false };
  }
  const { requiresOpenaiAuth } = info;
  const isUsable = requiresOpenaiAuth && manager?.permanentFailure() === undefined;
  const snapshot = isUsable ? manager?.authCached() : undefined;
  if (snapshot === undefined) return { account: undefined, requiresOpenaiAuth };
  if (snapshot.mode === "apikey") return { account: { type: "apiKey" }, requiresOpenaiAuth };
  const { email, planType } = snapshot.account ?? {};
  if (email === undefined || planType === undefined) {
    throw new CredentialsError(
      "credentials_incomplete",
      "email and plan type are required for chatgpt authentication; log in again",
    );
  }
  return { account: { type: "chatgpt", email, planType }, requiresOpenaiAuth };
}
