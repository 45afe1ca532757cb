import type { FetchLike, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Network } from "@codex-ts/api";
import type { SecretSet } from "@codex-ts/api/internal";
import type { McpLibrary } from "./mcp-library.ts";
import type { McpHttpServer } from "./mcp-server-options.ts";

/** How requests to servers reach the network. */
export interface HttpSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `undefined`: direct connections. */
  readonly dispatcher: Network["dispatcher"] | undefined;
  /** Takes in the credentials that are sent. */
  readonly secrets: SecretSet;
}

/** The transport to a server on the network. Rejects when a credential the settings name is not there. */
export async function httpTransport(
  library: McpLibrary,
  server: McpHttpServer,
  settings: HttpSettings,
): Promise<StreamableHTTPClientTransport> {
  const { fetch: request } = await import("undici");
  const { dispatcher } = settings;
  const send: FetchLike = async (url, init) =>
    // The types of undici's own `fetch` and of the global one are not the same; their objects are.
    (await request(url, {
      ...init,
      ...(dispatcher !== undefined && { dispatcher }),
    } as Parameters<typeof request>[1])) as unknown as Response;
  return new library.StreamableHTTPClientTransport(new URL(server.url), {
    fetch: send,
    requestInit: { headers: requestHeaders(server, settings) },
  });
}

function requestHeaders(
  { bearerTokenEnvVar, httpHeaders = {}, envHttpHeaders = {} }: McpHttpServer,
  { env, secrets }: HttpSettings,
): Record<string, string> {
  const fromEnv = Object.entries(envHttpHeaders).flatMap(([header, variable]) => {
    const value = env[variable]?.trim();
    return value === undefined || value === "" ? [] : [[header, value] as const];
  });
  const headers: Record<string, string> = { ...httpHeaders, ...Object.fromEntries(fromEnv) };
  if (bearerTokenEnvVar !== undefined) {
    const token = env[bearerTokenEnvVar]?.trim();
    if (token === undefined || token === "") {
      throw new Error(
        `the environment variable ${bearerTokenEnvVar}, which is to hold its bearer token, is not set`,
      );
    }
    secrets.add(token);
    headers["authorization"] = `Bearer ${token}`;
  }
  secrets.addAll(Object.values(headers));
  return headers;
}
