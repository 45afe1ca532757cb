import type { FetchLike, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Network } from "@codex-ts/api";
import { percentDecoded } from "@codex-ts/api/internal";
import type { SecretSet } from "@codex-ts/api/internal";
import type { McpLibrary } from "./mcp-library.ts";
import { StoredLogin } from "./oauth-provider.ts";
import type { McpHttpServer } from "./mcp-server-options.ts";
import { addressSecrets } from "./server-secrets.ts";

/** How requests to servers reach the network. */
export interface HttpSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `undefined`: direct connections. */
  readonly dispatcher: Network["dispatcher"] | undefined;
  /** Codex's home directory, where logins are kept; `undefined`: there are none. */
  readonly codexHome: string | undefined;
  /** Name of the server in the settings. */
  readonly serverName: string;
  /** Takes in the credentials that are sent. */
  readonly secrets: SecretSet;
}

/** The transport to a server on the network. Rejects when a credential the settings name is not there. */
export async function httpTransport(
  library: McpLibrary,
  server: McpHttpServer,
  settings: HttpSettings,
): Promise<StreamableHTTPClientTransport> {
  const { url, headers } = addressOf(server, settings);
  const fetch = await networkFetch(settings.dispatcher);
  const { codexHome, serverName, secrets } = settings;
  // A server that has a token in its settings needs no login.
  const login =
    codexHome === undefined || "authorization" in headers
      ? undefined
      : StoredLogin.of(
          library,
          { codexHome, server: serverName, url: server.url },
          { fetch, secrets },
        );
  return new library.StreamableHTTPClientTransport(url, {
    fetch,
    requestInit: { headers },
    ...(login !== undefined && { authProvider: login }),
  });
}

/** A `fetch` on the network of the thread. */
export async function networkFetch(
  dispatcher: Network["dispatcher"] | undefined,
): Promise<FetchLike> {
  const { fetch: request } = await import("undici");
  return async (url, init) => {
    const { status, statusText, headers, body } = await request(url, {
      ...init,
      ...(dispatcher !== undefined && { dispatcher }),
    } as Parameters<typeof request>[1]);
    // The library looks for the global class, which undici's own is not.
    return new Response(NO_BODY.has(status) ? null : (body as ReadableStream | null), {
      status,
      statusText,
      headers: [...headers],
    });
  };
}

/** Responses of these may not have one. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Where requests go, and their headers. User and password of a URL are sent as `Basic`: `fetch` takes no such URL. */
function addressOf(
  server: McpHttpServer,
  { env, secrets }: HttpSettings,
): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } {
  const { bearerTokenEnvVar, httpHeaders = {}, envHttpHeaders = {} } = server;
  const fromEnv = Object.entries(envHttpHeaders).flatMap(([header, variable]) => {
    const value = env[variable]?.trim();
    return value === undefined || value === "" ? [] : [[header, value] as const];
  });
  const headers = Object.fromEntries(
    [...Object.entries(httpHeaders), ...fromEnv].map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  if (bearerTokenEnvVar !== undefined) {
    const token = env[bearerTokenEnvVar]?.trim();
    if (token === undefined || token === "") {
      throw new Error(
        `the environment variable ${bearerTokenEnvVar}, which is to hold its bearer token, is not set`,
      );
    }
    headers["authorization"] = `Bearer ${token}`;
  }
  const url = new URL(server.url);
  const { username, password } = url;
  if (username !== "" || password !== "") {
    const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
    headers["authorization"] ??= `Basic ${Buffer.from(pair).toString("base64")}`;
    url.username = "";
    url.password = "";
  }
  secrets.addAll(addressSecrets(server, headers));
  return { url, headers };
}
