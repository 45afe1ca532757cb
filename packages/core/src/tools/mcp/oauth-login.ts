import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  AuthOptions,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import type { Network } from "@codex-ts/api";
import { SecretSet, abortable, urlSecrets } from "@codex-ts/api/internal";
import { networkFetch } from "./http-transport.ts";
import { loadMcpLibrary } from "./mcp-library.ts";
import { clientMetadata, loginOf } from "./oauth-provider.ts";
import { removeMcpLogin, writeMcpLogin } from "./oauth-store.ts";
import type { McpLoginKey } from "./oauth-store.ts";
import { scrubbedRefusals } from "./scrubbed-refusals.ts";

/** How to log in to an MCP server on the network. */
export interface McpLoginOptions extends McpLoginKey {
  /** Receives the page to open in a browser. */
  readonly onUrl: (url: string) => void;
  /** Scopes to ask for. Default: those the server names. */
  readonly scopes?: readonly string[];
  /** Aborting ends the attempt; nothing is stored. */
  readonly signal?: AbortSignal;
  readonly network?: Network;
  /** Longest time until the person has logged in, in milliseconds. Default: 5 minutes. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000;
const TOO_LATE = "nobody has logged in in time";
const PAGE = "You are logged in. This page can be closed.\n";
const REFUSED_PAGE = "The login has failed. The terminal says why.\n";

/**
 * Logs in by OAuth (PKCE, a client registered for it, a redirect to this machine) and keeps the tokens in `.credentials.json`
 * of `codexHome`, mode 0600, where Codex finds them too. Rejects with an error whose message is for people; nothing is
 * stored then.
 */
export async function loginMcpServer(options: McpLoginOptions): Promise<void> {
  const library = await loadMcpLibrary();
  const secrets = new SecretSet(urlSecrets(options.url));
  const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const callback = await Callback.listen();
  try {
    const login = new NewLogin(callback.url, options.onUrl, secrets);
    const fetch = await networkFetch(options.network?.dispatcher);
    const request: AuthOptions = {
      serverUrl: options.url,
      fetchFn: scrubbedRefusals((url, init) => fetch(url, { ...init, signal }), secrets),
      ...(options.scopes !== undefined && { scope: options.scopes.join(" ") }),
    };
    if ((await library.auth(login, request)) === "REDIRECT") {
      const { code, iss } = await callback.answer(login.expectedState, signal);
      secrets.add(code);
      await library.auth(login, { ...request, authorizationCode: code, ...(iss && { iss }) });
    }
    writeMcpLogin(options, login.result());
  } catch (error) {
    options.signal?.throwIfAborted();
    const said = error instanceof Error ? error.message : String(error);
    const message = timeout.aborted ? TOO_LATE : secrets.scrub(said);
    // Without the cause, which says again what was left out of the message.
    // oxlint-disable-next-line eslint/preserve-caught-error -- as above
    throw new Error(`login to MCP server \`${options.server}\` failed: ${message}`);
  } finally {
    callback.close();
  }
}

/** Forgets the login of a server. Returns whether there was one. Throws what the file system throws. */
export function logoutMcpServer(key: McpLoginKey): boolean {
  return removeMcpLogin(key);
}

/** A login on its way. */
class NewLogin implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly expectedState: string = randomBytes(24).toString("base64url");
  readonly #onUrl: (url: string) => void;
  readonly #secrets: SecretSet;
  #client: StoredOAuthClientInformation | undefined;
  #tokens: StoredOAuthTokens | undefined;
  #discovery: OAuthDiscoveryState | undefined;
  #verifier = "";

  constructor(redirectUrl: string, onUrl: (url: string) => void, secrets: SecretSet) {
    this.redirectUrl = redirectUrl;
    this.#onUrl = onUrl;
    this.#secrets = secrets;
  }

  get clientMetadata(): OAuthClientMetadata {
    return clientMetadata(this.redirectUrl);
  }

  state(): string {
    return this.expectedState;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#client;
  }

  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.#client = client;
    this.#secrets.add(("client_secret" in client && client.client_secret) || "");
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens;
    this.#secrets.addAll([tokens.access_token, tokens.refresh_token ?? ""]);
  }

  redirectToAuthorization(url: URL): void {
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new Error("the server's login page has no http: or https: URL");
    }
    this.#onUrl(url.href);
  }

  /** Remembered, so that the code goes to the server that was asked. */
  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.#discovery = discovery;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
    this.#secrets.add(verifier);
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  result(): ReturnType<typeof loginOf> {
    if (this.#tokens === undefined || this.#client === undefined) {
      throw new Error("the server gave no tokens");
    }
    const { issuer } = this.#tokens;
    return loginOf(this.#tokens, { clientId: this.#client.client_id, issuer });
  }
}

/** Waits on the loopback for the browser to come back. */
class Callback {
  readonly url: string;
  readonly #server: Server;
  readonly #arrived = Promise.withResolvers<URLSearchParams>();
  #state = "";

  static async listen(): Promise<Callback> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Callback(server);
  }

  private constructor(server: Server) {
    // A path nobody can guess: other pages of the browser reach this port, too.
    const path = `/callback/${randomBytes(9).toString("base64url")}`;
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}${path}`;
    this.#server = server;
    server.on("request", (request, response) => {
      // Any page of the web can make the browser ask for anything here, also for what is no address (`//`).
      const asked = URL.parse(request.url ?? "/", this.url);
      if (request.method !== "GET" || asked?.pathname !== path) {
        response.writeHead(404).end();
        return;
      }
      const { searchParams } = asked;
      if (!isSame(searchParams.get("state") ?? "", this.#state)) {
        response.writeHead(400).end();
        return;
      }
      const isAllowed = searchParams.has("code");
      response.writeHead(isAllowed ? 200 : 400, { "content-type": "text/plain; charset=utf-8" });
      response.end(isAllowed ? PAGE : REFUSED_PAGE);
      this.#arrived.resolve(searchParams);
    });
  }

  /** The response of the authorization server. Rejects when it says no, and with the signal's reason. */
  async answer(
    state: string,
    signal: AbortSignal,
  ): Promise<{ readonly code: string; readonly iss: string | undefined }> {
    this.#state = state;
    const said = await abortable(this.#arrived.promise, signal);
    const code = said.get("code");
    if (code !== null) return { code, iss: said.get("iss") ?? undefined };
    const reason = (said.get("error") ?? "no reason given").replaceAll(/[^\w-]/g, " ");
    throw new Error(`the server refused it: ${reason.slice(0, 100)}`);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}
