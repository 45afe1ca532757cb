import { SecretSet } from "@codex-ts/api/internal";
import { isJsonObject } from "@codex-ts/protocol";
import {
  type AuthorizationServer,
  type Client,
  None,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  customFetch,
  genericTokenEndpointRequest,
} from "oauth4webapi";
import { fetch as undiciFetch } from "undici";
import { readTokenClaims } from "../auth/jwt.ts";
import { OAUTH_CLIENT_ID } from "../auth/refresh-request.ts";
import { StoredCredentials } from "../auth/stored-credentials.ts";
import { isCleartextUrl } from "../internal/cleartext-url.ts";
import { exchangeJson, readJsonBody } from "../internal/json-client.ts";
import { scrubForeignText } from "../internal/scrub.ts";
import { Secret } from "../secret.ts";
import type { CredentialContext } from "../auth/credential-context.ts";
import { LoginError } from "./login-error.ts";

/** The authorization server of ChatGPT. */
const DEFAULT_ISSUER = "https://auth.openai.com";

const EXCHANGE_TIMEOUT_MS = 30_000;

/** Which server, and as which client. */
export interface IssuerOptions {
  /** Base URL of the authorization server. Default `https://auth.openai.com`. */
  readonly issuer?: string | undefined;
  /** Default: the public client id of Codex. */
  readonly clientId?: string | undefined;
}

/** Server and client in the form the OAuth library takes. */
export interface OAuthParties {
  readonly issuer: string;
  readonly server: AuthorizationServer;
  readonly client: Client;
}

/** Refuses an issuer that would receive the code in clear text. */
export function oauthParties({ issuer = DEFAULT_ISSUER, clientId }: IssuerOptions): OAuthParties {
  const base = issuer.replace(/\/+$/, "");
  if (!URL.canParse(base) || isCleartextUrl(base)) {
    throw new LoginError("exchange_failed", "the issuer must be an https URL");
  }
  return {
    issuer: base,
    server: {
      issuer: base,
      authorization_endpoint: `${base}/oauth/authorize`,
      token_endpoint: `${base}/oauth/token`,
    },
    client: { client_id: clientId ?? OAUTH_CLIENT_ID, token_endpoint_auth_method: "none" },
  };
}

/** The three tokens of a login; all are required. */
export interface LoginTokens {
  readonly idToken: Secret;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

/** Grants of the server: an authorization code, with what proves it. */
export type CodeGrant =
  /** Browser: parameters of the callback as checked by the OAuth library. */
  | {
      readonly kind: "callback";
      readonly parameters: URLSearchParams;
      readonly redirectUri: string;
      readonly codeVerifier: string;
    }
  /** Device: code and verifier as the server made them. */
  | {
      readonly kind: "device";
      readonly code: string;
      readonly redirectUri: string;
      readonly codeVerifier: string;
    };

/** Exchanges an authorization code for tokens. Rejects with `LoginError` without code or body. */
export async function exchangeCode(
  context: CredentialContext,
  parties: OAuthParties,
  grant: CodeGrant,
  signal?: AbortSignal,
): Promise<LoginTokens> {
  const timeout = AbortSignal.timeout(EXCHANGE_TIMEOUT_MS);
  const options = {
    [customFetch]: fetchWith(context),
    [allowInsecureRequests]: parties.issuer.startsWith("http:"),
    headers: { "user-agent": context.client.userAgent },
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  };
  const response = await requestTokens(parties, grant, options).catch((error: unknown) => {
    signal?.throwIfAborted();
    const code = (error as { cause?: { code?: string } }).cause?.code;
    const problem = timeout.aborted
      ? "no response in time"
      : (code ?? "the server cannot be reached");
    throw new LoginError("exchange_failed", `token exchange failed: ${problem}`);
  });
  const body = await readJsonBody(response.body ?? []).catch(() => undefined);
  if (!response.ok) {
    throw new LoginError(
      "exchange_failed",
      `token exchange failed: token endpoint returned status ${response.status}: ${describeRefusal(body, grant)}`,
    );
  }
  return readTokens(body);
}

type RequestOptions = Parameters<typeof authorizationCodeGrantRequest>[6];

function requestTokens(
  { server, client }: OAuthParties,
  grant: CodeGrant,
  options: RequestOptions,
): Promise<Response> {
  const { redirectUri, codeVerifier } = grant;
  if (grant.kind === "callback") {
    const { parameters } = grant;
    return authorizationCodeGrantRequest(
      server,
      client,
      None(),
      parameters,
      redirectUri,
      codeVerifier,
      options,
    );
  }
  // The device flow of Codex ends in a code the server itself made, which no standard callback carries.
  const form = { code: grant.code, redirect_uri: redirectUri, code_verifier: codeVerifier };
  return genericTokenEndpointRequest(server, client, None(), "authorization_code", form, options);
}

/** undici's own `fetch`, so that the caller's dispatcher (proxy, test server) is used here too. */
function fetchWith({ client }: CredentialContext): typeof fetch {
  const { dispatcher } = client;
  return ((url: string, init: object) =>
    undiciFetch(url, { ...init, ...(dispatcher === undefined ? {} : { dispatcher }) })) as never;
}

/** Short texts the server means for people; the raw body may hold anything, and some servers repeat what they got. */
function describeRefusal(body: unknown, grant: CodeGrant): string {
  if (!isJsonObject(body)) return "unknown error";
  const { error, error_description: description } = body;
  const message = isJsonObject(error) ? error["message"] : error;
  const found = [description, message].find((text) => typeof text === "string" && text !== "");
  if (typeof found !== "string") return "unknown error";
  const code = grant.kind === "device" ? grant.code : grant.parameters.get("code");
  return scrubForeignText(found, new SecretSet([code ?? "", grant.codeVerifier]));
}

function readTokens(body: unknown): LoginTokens {
  const fields = isJsonObject(body) ? body : {};
  const read = (key: string): Secret => {
    const value = fields[key];
    if (typeof value === "string" && value !== "") return new Secret(value);
    throw new LoginError("exchange_failed", `token exchange failed: the response has no ${key}`);
  };
  return {
    idToken: read("id_token"),
    accessToken: read("access_token"),
    refreshToken: read("refresh_token"),
  };
}

/** The tokens as a login, checked to be readable and ready to be stored. */
export function credentialsFromLogin(
  tokens: LoginTokens,
  nowMs: number,
  apiKey?: Secret,
): StoredCredentials {
  const claims = readTokenClaims(tokens.idToken.expose());
  if (claims === undefined) {
    throw new LoginError("exchange_failed", "token exchange failed: the id token is not a JWT");
  }
  return StoredCredentials.fromTokens({
    mode: "chatgpt",
    ...tokens,
    accountId: claims.accountId,
    apiKey,
    nowMs,
  });
}

/** Trades the id token for an API key; `undefined` when the server does not want to. */
export async function exchangeForApiKey(
  context: CredentialContext,
  parties: OAuthParties,
  idToken: Secret,
): Promise<Secret | undefined> {
  const response = await exchangeJson(context.client, {
    method: "POST",
    url: `${parties.issuer}/oauth/token`,
    form: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      client_id: parties.client.client_id,
      requested_token: "openai-api-key",
      subject_token: idToken.expose(),
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    }),
    timeoutMs: EXCHANGE_TIMEOUT_MS,
  }).catch(() => undefined);
  const key = isJsonObject(response?.json) ? response.json["access_token"] : undefined;
  return response?.isSuccess === true && typeof key === "string" ? new Secret(key) : undefined;
}
