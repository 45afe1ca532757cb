import { isJsonObject } from "@codex-ts/protocol";
import { type Environment, readVariable } from "../environment.ts";
import {
  type HttpClientOptions,
  HttpExchangeError,
  type JsonResponse,
  exchangeJson,
} from "../internal/json-client.ts";
import { Secret } from "../secret.ts";
import { type RefreshFailureReason, RefreshTokenError } from "./refresh-error.ts";
import type { NewTokens } from "./stored-credentials.ts";

/** The public client id of Codex. */
export const OAUTH_CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann";
/** Variable that replaces the whole refresh URL. */
export const REFRESH_URL_VARIABLE = "CODEX_REFRESH_TOKEN_URL_OVERRIDE";

const DEFAULT_REFRESH_URL = "https://auth.openai.com/oauth/token";
/** A POST that hangs holds the lock of every other process. */
const REFRESH_TIMEOUT_MS = 10_000;

/** Where refresh tokens are exchanged. */
export function refreshUrl(env: Environment): string {
  return readVariable(env, REFRESH_URL_VARIABLE) ?? DEFAULT_REFRESH_URL;
}

/**
 * Exchanges a refresh token for new tokens. It is spent from the moment the POST leaves, even if nothing comes back.
 * Rejects with `RefreshTokenError`. Source: docs/behavior/model-provider.md 9.1.
 */
export async function requestTokenRefresh(
  client: HttpClientOptions,
  options: { readonly url: string; readonly refreshToken: Secret },
): Promise<NewTokens> {
  const response = await exchangeJson(client, {
    method: "POST",
    url: options.url,
    json: {
      client_id: OAUTH_CLIENT_ID,
      grant_type: "refresh_token",
      refresh_token: options.refreshToken.expose(),
    },
    timeoutMs: REFRESH_TIMEOUT_MS,
  }).catch((error: unknown) => {
    if (error instanceof HttpExchangeError) throw RefreshTokenError.transient(error.message);
    throw error;
  });
  if (!response.isSuccess) throw classifyRefusal(response);
  return readNewTokens(response.json);
}

/**
 * Turns a refusal into a permanent or transient failure. Source: docs/behavior/model-provider.md 9.2, behavior of
 * 0.169.
 */
function classifyRefusal(
  response: Pick<JsonResponse, "status" | "statusLine" | "json">,
): RefreshTokenError {
  const reason = reasonOf(errorCodeOf(response.json));
  const { status } = response;
  if (status === 401) return RefreshTokenError.permanent(reason ?? "other");
  if ((status === 400 || status === 403) && reason !== undefined) {
    return RefreshTokenError.permanent(reason);
  }
  const problem = `the token endpoint responded with ${response.statusLine}`;
  return RefreshTokenError.transient(problem, { status });
}

const REASONS: Readonly<Record<string, RefreshFailureReason>> = {
  refresh_token_expired: "expired",
  refresh_token_reused: "exhausted",
  refresh_token_invalidated: "revoked",
  invalid_grant: "other",
};

function reasonOf(code: string | undefined): RefreshFailureReason | undefined {
  const key = code?.toLowerCase() ?? "";
  return Object.hasOwn(REASONS, key) ? REASONS[key] : undefined;
}

/** `error.code`, or `error` when that is text, or a top-level `code`. */
function errorCodeOf(body: unknown): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const { error, code } = body;
  const found = isJsonObject(error) ? error["code"] : (error ?? code);
  return typeof found === "string" ? found : undefined;
}

function readNewTokens(body: unknown): NewTokens {
  if (!isJsonObject(body)) throw RefreshTokenError.transient("the response is not a JSON object");
  const read = (key: string): Secret | undefined => {
    const value = body[key];
    // An empty one would replace a token that may still work.
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return new Secret(value);
    throw RefreshTokenError.transient(`${key} of the response is not text`);
  };
  return {
    idToken: read("id_token"),
    accessToken: read("access_token"),
    refreshToken: read("refresh_token"),
  };
}
