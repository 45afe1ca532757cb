import type {
  AuthProvider,
  FetchLike,
  OAuthClientMetadata,
  OAuthTokens,
} from "@modelcontextprotocol/client";
import type { SecretSet } from "@codex-ts/api/internal";
import type { McpLibrary } from "./mcp-library.ts";
import { readMcpLogin, writeMcpLogin } from "./oauth-store.ts";
import type { McpLogin, McpLoginKey } from "./oauth-store.ts";
import { scrubbedRefusals } from "./scrubbed-refusals.ts";

/** A token that is about to expire is refreshed beforehand, in milliseconds. */
const EXPIRY_MARGIN_MS = 30_000;

/** A server wants a login that nobody can give while a thread runs. */
export class McpLoginRequired extends Error {
  constructor(server: string) {
    super(`it asks for a login: run \`mcp login ${server}\``);
  }
}

/** Sends the stored login of a server, refreshes it, and keeps what the refresh brings. Never asks anybody. */
export class StoredLogin implements AuthProvider {
  readonly #library: McpLibrary;
  readonly #key: McpLoginKey;
  readonly #fetch: FetchLike;
  readonly #secrets: SecretSet;
  #refreshing: Promise<void> | undefined;
  /** The access token that was sent last. */
  #sent: string | undefined;

  /** `undefined` when there is no login. */
  static of(
    library: McpLibrary,
    key: McpLoginKey,
    parts: { readonly fetch: FetchLike; readonly secrets: SecretSet },
  ): StoredLogin | undefined {
    return readMcpLogin(key) && new StoredLogin(library, key, parts);
  }

  private constructor(
    library: McpLibrary,
    key: McpLoginKey,
    { fetch, secrets }: { readonly fetch: FetchLike; readonly secrets: SecretSet },
  ) {
    this.#library = library;
    this.#key = key;
    this.#fetch = scrubbedRefusals(fetch, secrets);
    this.#secrets = secrets;
  }

  async token(): Promise<string> {
    const { expiresAtMs = Infinity, refreshToken } = this.#read();
    const isOver = expiresAtMs - EXPIRY_MARGIN_MS < Date.now();
    if (isOver && refreshToken !== undefined) await this.#refresh();
    this.#sent = this.#read().accessToken;
    return this.#sent;
  }

  /** The server has refused the token. Rejects when there is no other. */
  async onUnauthorized(): Promise<void> {
    // Another process may have refreshed it meanwhile.
    if (this.#read().accessToken !== this.#sent) return;
    await this.#refresh();
  }

  /** Once at a time: a refresh token is good for one. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#requestTokens().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #requestTokens(): Promise<void> {
    const login = this.#read();
    const { refreshToken, issuer, clientId } = login;
    if (refreshToken === undefined) throw new McpLoginRequired(this.#key.server);
    const { discoverOAuthServerInfo, refreshAuthorization } = this.#library;
    let tokens: OAuthTokens;
    try {
      const server = await discoverOAuthServerInfo(this.#key.url, { fetchFn: this.#fetch });
      const { authorizationServerMetadata: metadata, resourceMetadata } = server;
      // A server that names another authorization server does not get the tokens of this one.
      if (issuer !== undefined && metadata?.issuer !== issuer) throw new Error("another issuer");
      tokens = await refreshAuthorization(server.authorizationServerUrl, {
        clientInformation: { client_id: clientId },
        refreshToken,
        fetchFn: this.#fetch,
        ...(metadata !== undefined && { metadata }),
        ...(resourceMetadata !== undefined && { resource: new URL(resourceMetadata.resource) }),
      });
    } catch (cause) {
      throw Object.assign(new McpLoginRequired(this.#key.server), { cause });
    }
    writeMcpLogin(this.#key, loginOf(tokens, login));
  }

  #read(): McpLogin {
    const login = readMcpLogin(this.#key);
    if (login === undefined) throw new McpLoginRequired(this.#key.server);
    this.#secrets.addAll([login.accessToken, login.refreshToken ?? ""]);
    return login;
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

/** The login with new tokens; members that the server leaves out stay as they were. */
export function loginOf(
  tokens: OAuthTokens,
  before: Pick<McpLogin, "clientId"> & Partial<McpLogin>,
): McpLogin {
  return {
    clientId: before.clientId,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    expiresAtMs:
      tokens.expires_in === undefined ? undefined : Date.now() + tokens.expires_in * 1000,
    scopes: tokens.scope?.split(" ").filter((scope) => scope !== "") ?? before.scopes ?? [],
    issuer: before.issuer,
  };
}
