import { verifyAgentIdentity } from "../auth/agent-identity.ts";
import type { AccountFacts } from "../auth/auth-snapshot.ts";
import { credentialsFromAccessToken } from "../auth/load-auth.ts";
import { announceOverrides } from "../auth/overrides.ts";
import {
  AUTHAPI_URL_VARIABLE,
  introspectPersonalAccessToken,
} from "../auth/personal-access-token.ts";
import { StoredCredentials } from "../auth/stored-credentials.ts";
import { Secret } from "../secret.ts";
import { type CredentialContext, toAuthSources } from "../auth/credential-context.ts";
import { checkWorkspace, saveLogin } from "./save-login.ts";
import { LoginError } from "./login-error.ts";

/** Stores an API key. It is not checked: that happens with the first request. */
export async function loginWithApiKey(context: CredentialContext, apiKey: string): Promise<void> {
  const key = required(apiKey, "no API key was given; pass one on standard input");
  await saveLogin(context, StoredCredentials.fromApiKey(key));
}

/**
 * Stores a personal access token (`at-…`) or an agent identity, after the service has confirmed it. Rejects with
 * `CredentialsError` or `LoginError`; then nothing is stored.
 */
export async function loginWithAccessToken(
  context: CredentialContext,
  accessToken: string,
): Promise<AccountFacts> {
  const token = required(accessToken, "no access token was given; pass one on standard input");
  const credentials = credentialsFromAccessToken(token);
  const sources = toAuthSources(context, false);
  announceOverrides(context.env, sources.warn, [AUTHAPI_URL_VARIABLE]);
  const { account } =
    credentials.mode === "personalAccessToken"
      ? await introspectPersonalAccessToken(token, context.env, context.client)
      : await verifyAgentIdentity(token, sources);
  checkWorkspace(context, account.workspaceId);
  await saveLogin(context, credentials);
  return account;
}

function required(text: string, problem: string): Secret {
  const trimmed = text.trim();
  if (trimmed === "") throw new LoginError("no_credential", problem);
  return new Secret(trimmed);
}
