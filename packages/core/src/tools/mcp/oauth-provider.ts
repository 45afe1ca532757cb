import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import type { SecretSet } from "@codex-ts/api/internal";
import { readMcpLogin, writeMcpLogin } from "./oauth-store.ts";
import type { McpLogin, McpLoginKey } from "./oauth-store.ts";

/** A server wants a login that nobody can give while a thread runs. */
export class McpLoginRequired extends Error {
  constructor(server: string) {
    super(`it asks for a login: run \`mcp login ${server}\``);
  }
}

/** Sends the stored login of a server, and keeps what a refresh brings. Never asks anybody. */
export class StoredLogin implements OAuthClientProvider {
  readonly #key: McpLoginKey;
  readonly #secrets: SecretSet;
  #login: McpLogin;

  constructor(key: McpLoginKey, login: McpLogin, secrets: SecretSet) {
    this.#key = key;
    this.#login = login;
    this.#secrets = secrets;
    this.#hide(login);
  }

  get redirectUrl(): string {
    return "http://127.0.0.1/callback";
  }

  get clientMetadata(): OAuthClientMetadata {
    return clientMetadata(this.redirectUrl);
  }

  clientInformation(): StoredOAuthClientInformation {
    const { clientId, issuer } = this.#login;
    return { client_id: clientId, ...(issuer !== undefined && { issuer }) };
  }

  tokens(): StoredOAuthTokens {
    // Another process may have refreshed them meanwhile; then these are no longer any good.
    const login = readMcpLogin(this.#key) ?? this.#login;
    if (login.accessToken !== this.#login.accessToken) this.#hide(login);
    this.#login = login;
    const { accessToken, refreshToken, scopes, issuer } = login;
    return {
      access_token: accessToken,
      token_type: "Bearer",
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      ...(issuer !== undefined && { issuer }),
    };
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#login = loginOf(tokens, this.#login);
    this.#hide(this.#login);
    writeMcpLogin(this.#key, this.#login);
  }

  redirectToAuthorization(): never {
    throw new McpLoginRequired(this.#key.server);
  }

  saveCodeVerifier(): void {
    // No code is asked for here.
  }

  codeVerifier(): never {
    throw new McpLoginRequired(this.#key.server);
  }

  #hide({ accessToken, refreshToken = "" }: McpLogin): void {
    this.#secrets.addAll([accessToken, refreshToken]);
  }
}

/** How this client introduces itself to an authorization server. */
export function clientMetadata(redirectUrl: string): OAuthClientMetadata {
  return {
    client_name: "Codex",
    redirect_uris: [redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

/** What a server may leave out of a refreshed login stays as it was. */
export function loginOf(
  tokens: StoredOAuthTokens,
  before: Pick<McpLogin, "clientId"> & Partial<McpLogin>,
): McpLogin {
  return {
    clientId: before.clientId,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    expiresAtMs:
      tokens.expires_in === undefined ? undefined : Date.now() + tokens.expires_in * 1000,
    scopes: tokens.scope?.split(" ").filter((scope) => scope !== "") ?? before.scopes ?? [],
    issuer: tokens.issuer ?? before.issuer,
  };
}
