import type { AccountFacts } from "../auth/auth-snapshot.ts";
import type { Secret } from "../secret.ts";
import type { CredentialContext } from "../auth/credential-context.ts";
import { checkWorkspace, saveLogin } from "./save-login.ts";
import { type LoginTokens, credentialsFromLogin } from "./token-exchange.ts";

/** Checks the workspace, stores the login and withdraws the previous one. Returns whose login it is. */
export async function finishLogin(
  context: CredentialContext,
  tokens: LoginTokens,
  apiKey?: Secret,
): Promise<AccountFacts> {
  const credentials = credentialsFromLogin(tokens, (context.now ?? Date.now)(), apiKey);
  const claims = credentials.tokens?.claims;
  checkWorkspace(context, claims?.accountId);
  await saveLogin(context, credentials);
  return {
    email: claims?.email,
    planType: claims?.planType,
    userId: claims?.userId,
    workspaceId: claims?.accountId,
    isFedrampAccount: claims?.isFedrampAccount ?? false,
  };
}
