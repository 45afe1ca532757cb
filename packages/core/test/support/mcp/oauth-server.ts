import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerMcp } from "./mcp-answers.ts";
import type { McpMessage } from "./mcp-answers.ts";

/** A server on the loopback that is an authorization server and an MCP server behind it. */
export interface OAuthTestServer extends AsyncDisposable {
  /** The MCP server. */
  readonly url: string;
  /** Grants that were redeemed, in order: `authorization_code`, `refresh_token`. */
  readonly grants: readonly string[];
  /** Credentials that were to be redeemed, by their names. */
  readonly presented: Readonly<Record<string, string>>;
  /** Client registrations. */
  readonly clients: readonly { readonly redirect_uris: readonly string[] }[];
  /** Requests to the MCP server without a token that is valid. */
  readonly refused: number;
  /** From now on no access token that was given is valid; `refresh`: nor any refresh token. */
  expire(options?: { readonly refresh?: boolean }): void;
}

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly clientId: string;
}

export async function startOAuthServer(
  options: {
    /** `repeat`: no code is redeemed, and the refusal repeats the request. */
    readonly answer?: "allow" | "deny" | "wrong_state" | "repeat";
  } = {},
): Promise<OAuthTestServer> {
  const codes = new Map<string, Grant>();
  const accessTokens = new Set<string>();
  const refreshTokens = new Set<string>();
  const grants: string[] = [];
  const presented: Record<string, string> = {};
  const clients: { readonly redirect_uris: readonly string[]; readonly client_id: string }[] = [];
  let refused = 0;
  let origin = "";

  const json = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const tokens = (response: ServerResponse): void => {
    const [access, refresh] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`];
    accessTokens.add(access);
    refreshTokens.add(refresh);
    json(response, 200, {
      access_token: access,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refresh,
      scope: "tools",
    });
  };
  const redeem = (response: ServerResponse, form: URLSearchParams): void => {
    const kind = form.get("grant_type") ?? "";
    if (options.answer === "repeat") {
      for (const name of ["code", "code_verifier", "client_secret"]) {
        presented[name] = form.get(name) ?? "";
      }
      return json(response, 400, { error: "invalid_grant", error_description: String(form) });
    }
    if (kind === "refresh_token") {
      const used = form.get("refresh_token") ?? "";
      if (!refreshTokens.delete(used)) return json(response, 400, { error: "invalid_grant" });
    } else {
      const grant = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const verifier = form.get("code_verifier") ?? "";
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      const fits = grant?.challenge === challenge && grant.redirectUri === form.get("redirect_uri");
      if (!fits) return json(response, 400, { error: "invalid_grant" });
    }
    grants.push(kind);
    return tokens(response);
  };
  const authorize = (response: ServerResponse, query: URLSearchParams): void => {
    const redirect = new URL(query.get("redirect_uri") ?? "");
    const known = clients.some(
      ({ client_id, redirect_uris }) =>
        client_id === query.get("client_id") && redirect_uris.includes(redirect.href),
    );
    if (!known || query.get("code_challenge_method") !== "S256") {
      return json(response, 400, { error: "invalid_request" });
    }
    if (options.answer === "deny") {
      redirect.searchParams.set("error", "access_denied");
    } else {
      const code = randomUUID();
      codes.set(code, {
        challenge: query.get("code_challenge") ?? "",
        redirectUri: query.get("redirect_uri") ?? "",
        clientId: query.get("client_id") ?? "",
      });
      redirect.searchParams.set("code", code);
    }
    const state = options.answer === "wrong_state" ? "another" : (query.get("state") ?? "");
    redirect.searchParams.set("state", state);
    response.writeHead(302, { location: redirect.href }).end();
    return undefined;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { pathname, searchParams } = new URL(request.url ?? "/", origin);
    switch (pathname) {
      case "/.well-known/oauth-protected-resource":
      case "/.well-known/oauth-protected-resource/mcp":
        return json(response, 200, {
          resource: `${origin}/mcp`,
          authorization_servers: [origin],
          scopes_supported: ["tools"],
        });
      case "/.well-known/oauth-authorization-server":
        return json(response, 200, {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          response_types_supported: ["code"],
          grant_types_supported: ["authorization_code", "refresh_token"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: [
            options.answer === "repeat" ? "client_secret_post" : "none",
          ],
          scopes_supported: ["tools"],
        });
      case "/register": {
        const client = {
          ...(JSON.parse(body) as { redirect_uris: string[] }),
          client_id: randomUUID(),
          ...(options.answer === "repeat" && { client_secret: randomUUID() }),
        };
        clients.push(client);
        return json(response, 201, client);
      }
      case "/authorize":
        return authorize(response, searchParams);
      case "/token":
        return redeem(response, new URLSearchParams(body));
      case "/mcp": {
        const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
        if (!accessTokens.has(token)) {
          refused += 1;
          const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
          response.setHeader("www-authenticate", `Bearer resource_metadata="${metadata}"`);
          return json(response, 401, { error: "invalid_token" });
        }
        if (request.method !== "POST") {
          response.writeHead(405).end();
          return;
        }
        const message = JSON.parse(body) as McpMessage;
        if (message.id === undefined) {
          response.writeHead(202).end();
          return;
        }
        return answerMcp("demo", message, {
          send: (sent) => json(response, 200, { jsonrpc: "2.0", ...sent }),
          exit: () => response.destroy(),
        });
      }
      default:
        response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    grants,
    presented,
    clients,
    get refused() {
      return refused;
    },
    expire({ refresh = false } = {}) {
      accessTokens.clear();
      if (refresh) refreshTokens.clear();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
