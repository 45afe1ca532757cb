import { REFRESH_URL_VARIABLE, OAUTH_CLIENT_ID } from "../auth/refresh-request.ts";
import { REVOKE_URL_VARIABLE, announceOverrides } from "../auth/overrides.ts";
import type { StoredCredentials } from "../auth/stored-credentials.ts";
import { type Environment, readVariable } from "../environment.ts";
import { exchangeJson } from "../internal/json-client.ts";
import type { CredentialContext } from "../auth/credential-context.ts";

const DEFAULT_REVOKE_URL = "https://auth.openai.com/oauth/revoke";
const REVOKE_TIMEOUT_MS = 10_000;

/**
 * Withdraws the tokens of a managed ChatGPT login at the server, as far as that is possible: a failure is reported and
 * changes nothing. Source: docs/behavior/model-provider.md 14.
 */
export async function revokeTokens(
  context: CredentialContext,
  credentials: StoredCredentials,
): Promise<void> {
  const { mode, tokens } = credentials;
  if (mode !== "chatgpt" || tokens === undefined) return;
  announceOverrides(context.env, context.warn ?? (() => {}), [
    REVOKE_URL_VARIABLE,
    REFRESH_URL_VARIABLE,
  ]);
  const refreshToken = tokens.refreshToken.expose();
  const json =
    refreshToken === ""
      ? { token: tokens.accessToken.expose(), token_type_hint: "access_token" }
      : { token: refreshToken, token_type_hint: "refresh_token", client_id: OAUTH_CLIENT_ID };
  const problem = await exchangeJson(context.client, {
    method: "POST",
    url: revokeUrl(context.env),
    json,
    timeoutMs: REVOKE_TIMEOUT_MS,
  }).then(
    (response) => (response.isSuccess ? undefined : `status ${response.statusLine}`),
    (error: unknown) => (error as Error).message,
  );
  if (problem !== undefined) context.warn?.(`the old login could not be revoked: ${problem}`);
}

function revokeUrl(env: Environment): string {
  const override = readVariable(env, REVOKE_URL_VARIABLE);
  if (override !== undefined) return override;
  const refresh = readVariable(env, REFRESH_URL_VARIABLE);
  const base = refresh === undefined ? null : URL.parse(refresh);
  if (base === null) return DEFAULT_REVOKE_URL;
  base.pathname = "/oauth/revoke";
  base.search = "";
  return base.href;
}
