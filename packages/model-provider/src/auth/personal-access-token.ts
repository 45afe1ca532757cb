import { readPlanType } from "@codex-ts/protocol";
import { z } from "zod";
import { type Environment, readVariable } from "../environment.ts";
import { CredentialsError } from "../errors.ts";
import {
  type HttpClientOptions,
  HttpExchangeError,
  exchangeJson,
} from "../internal/json-client.ts";
import type { Secret } from "../secret.ts";
import type { AccountFacts } from "./auth-snapshot.ts";

/** Variable that replaces the base URL of the account service. */
export const AUTHAPI_URL_VARIABLE = "CODEX_AUTHAPI_BASE_URL";
/** Prefix of personal access tokens. */
export const PERSONAL_ACCESS_TOKEN_PREFIX = "at-";

const DEFAULT_AUTHAPI_URL = "https://auth.openai.com/api/accounts";
const WHOAMI_TIMEOUT_MS = 30_000;

const whoami = z.looseObject({
  email: z.string(),
  chatgpt_user_id: z.string(),
  chatgpt_account_id: z.string(),
  chatgpt_plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
});

/** Facts of the account service about a token. */
export interface TokenIntrospection {
  readonly accountId: string;
  readonly account: AccountFacts;
}

/**
 * Asks whose personal access token this is; a token that is not accepted has no owner. Rejects with `CredentialsError`
 * without token or body. Source: docs/behavior/model-provider.md 11.1.
 */
export async function introspectPersonalAccessToken(
  token: Secret,
  env: Environment,
  client: HttpClientOptions,
): Promise<TokenIntrospection> {
  const base = readVariable(env, AUTHAPI_URL_VARIABLE) ?? DEFAULT_AUTHAPI_URL;
  const response = await exchangeJson(client, {
    method: "GET",
    url: `${base.replace(/\/+$/, "")}/v1/user-auth-credential/whoami`,
    headers: [["authorization", `Bearer ${token.expose()}`]],
    timeoutMs: WHOAMI_TIMEOUT_MS,
  }).catch((error: unknown) => {
    if (!(error instanceof HttpExchangeError)) throw error;
    throw rejected(`failed to request personal access token metadata: ${error.message}`);
  });
  if (!response.isSuccess) {
    throw rejected(
      `personal access token metadata request failed with status ${response.statusLine}; ` +
        "make a new token and log in with it",
    );
  }
  const facts = whoami.safeParse(response.json);
  if (!facts.success) throw rejected("failed to decode personal access token metadata");
  return {
    accountId: facts.data.chatgpt_account_id,
    account: {
      email: facts.data.email,
      planType: readPlanType(facts.data.chatgpt_plan_type),
      userId: facts.data.chatgpt_user_id,
      workspaceId: facts.data.chatgpt_account_id,
      isFedrampAccount: facts.data.chatgpt_account_is_fedramp,
    },
  };
}

function rejected(message: string): CredentialsError {
  return new CredentialsError("token_rejected", message);
}
