import { createHash, randomUUID } from "node:crypto";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";

const DEVICE_VERIFIER = "canary-verifier-of-a-device";
const JWT_HEADER = base64url({ alg: "none", typ: "JWT" });

/**
 * Texts of which one is in every secret of this file, and in those of tests that begin with `canary-`. All are long: a
 * login prints a random `state` and `code_challenge`, which hold any three letters once in some thousand runs.
 */
const SECRET_MARKS: readonly string[] = [JWT_HEADER, "canary-"];

/** The marks of secrets that a text holds; empty for one that may be shown. */
export function secretMarksIn(text: string): string[] {
  return SECRET_MARKS.filter((mark) => text.includes(mark));
}

/** An unsigned JWT. */
function jwt(claims: object): string {
  return `${JWT_HEADER}.${base64url(claims)}.c2ln`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** One hour from the start, so that equal arguments give equal tokens. */
const EXPIRES_AT = Math.floor(Date.now() / 1000) + 3600;

/** Tokens of one account that expire in an hour; `marker` is found in each of them, so that leaks can be looked for. */
export function tokensOf(marker: string, accountId = "acct-1"): LoginTokens {
  return {
    id_token: jwt({
      email: "alice@example.com",
      "https://api.openai.com/auth": { chatgpt_account_id: accountId, chatgpt_plan_type: "pro" },
    }),
    access_token: jwt({ marker: `canary-access-${marker}`, exp: EXPIRES_AT }),
    refresh_token: `canary-refresh-${marker}`,
  };
}

export interface LoginTokens {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface LoginServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Method and path of everything asked, in order. */
  readonly asked: readonly string[];
  /** Bodies of `/oauth/revoke`. */
  readonly revoked: readonly unknown[];
}

export interface LoginServerOptions {
  /** Given for a code, and for a refresh token with another marker. */
  readonly tokens?: LoginTokens;
  readonly refreshed?: LoginTokens;
  /** The personal access token that is known. */
  readonly personalAccessToken?: string;
}

/**
 * An authorization server on loopback: codes with PKCE that work once, device codes, refresh, revocation, and the
 * description of a personal access token. Whoever opens its page is let in at once.
 */
export async function startLoginServer(options: LoginServerOptions = {}): Promise<LoginServer> {
  const { tokens = tokensOf("1"), refreshed = tokensOf("2") } = options;
  const asked: string[] = [];
  const revoked: unknown[] = [];
  const codes = new Map<string, { challenge: string; redirectUri: string }>();

  const answers: Record<string, (url: URL, body: string, request: IncomingMessage) => Answer> = {
    "GET /oauth/authorize"({ searchParams }) {
      const code = `canary-code-${randomUUID()}`;
      const redirectUri = searchParams.get("redirect_uri") ?? "";
      codes.set(code, { challenge: searchParams.get("code_challenge") ?? "", redirectUri });
      const target = new URL(redirectUri);
      target.search = String(new URLSearchParams({ code, state: searchParams.get("state") ?? "" }));
      return { status: 302, location: target.href };
    },
    "POST /oauth/token"(_url, body, { headers }) {
      if (headers["content-type"] === "application/json") return { status: 200, json: refreshed };
      const form = new URLSearchParams(body);
      const code = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const isValid = code?.challenge === proof && code.redirectUri === form.get("redirect_uri");
      return isValid
        ? { status: 200, json: tokens }
        : { status: 400, json: { error: "invalid_grant", error_description: "no such code" } };
    },
    "POST /oauth/revoke"(_url, body) {
      revoked.push(JSON.parse(body));
      return { status: 200, json: {} };
    },
    "POST /api/accounts/deviceauth/usercode": () => ({
      status: 200,
      json: { device_auth_id: "device-1", user_code: "ABCD-1234", interval: "0" },
    }),
    "POST /api/accounts/deviceauth/token"() {
      const code = `canary-code-${randomUUID()}`;
      const challenge = createHash("sha256").update(DEVICE_VERIFIER).digest("base64url");
      codes.set(code, { challenge, redirectUri: `${url}/deviceauth/callback` });
      return {
        status: 200,
        json: {
          authorization_code: code,
          code_challenge: challenge,
          code_verifier: DEVICE_VERIFIER,
        },
      };
    },
    "GET /v1/user-auth-credential/whoami"(_url, _body, { headers }) {
      if (headers.authorization !== `Bearer ${options.personalAccessToken}`) return { status: 401 };
      const json = {
        email: "alice@example.com",
        chatgpt_user_id: "user-1",
        chatgpt_account_id: "acct-1",
        chatgpt_plan_type: "pro",
        chatgpt_account_is_fedramp: false,
      };
      return { status: 200, json };
    },
  };

  const server = createServer((request, response) => {
    void (async () => {
      const target = new URL(request.url ?? "/", "http://localhost");
      const body = await readBody(request);
      const call = `${request.method} ${target.pathname}`;
      asked.push(call);
      const { status, json, location } = answers[call]?.(target, body, request) ?? { status: 404 };
      response.writeHead(status, location === undefined ? {} : { location });
      response.end(json === undefined ? "" : JSON.stringify(json));
    })();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    revoked,
    async [Symbol.asyncDispose]() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly json?: object;
  readonly location?: string;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
