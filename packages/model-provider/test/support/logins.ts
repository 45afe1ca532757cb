import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent } from "undici";
import { AuthManager } from "@codex-ts/model-provider";
import type { AuthManagerOptions } from "@codex-ts/model-provider";

const HOUR_MS = 3_600_000;
/** One base for all tokens of a test file, so that equal options give equal tokens. */
const START_MS = Date.now();

/** An unsigned JWT. */
export function jwt(claims: object): string {
  const header = jsonPart({ alg: "none", typ: "JWT" });
  return `${header}.${jsonPart(claims)}.${Buffer.from("sig").toString("base64url")}`;
}

function jsonPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export interface LoginOptions {
  readonly accountId?: string | null;
  readonly refreshToken?: string;
  /** Makes the access token differ from others with the same claims. */
  readonly marker?: string;
  /** From now, in milliseconds; default one hour. `null`: an opaque access token. */
  readonly expiresInMs?: number | null;
  readonly lastRefreshAgoMs?: number;
  readonly fedramp?: boolean;
  readonly email?: string;
}

export function idToken(options: LoginOptions = {}): string {
  return jwt({
    email: options.email ?? "user@example.com",
    "https://api.openai.com/auth": {
      chatgpt_plan_type: "pro",
      chatgpt_user_id: "user-1",
      chatgpt_account_id: options.accountId ?? "acct-1",
      ...(options.fedramp === undefined ? {} : { chatgpt_account_is_fedramp: options.fedramp }),
    },
  });
}

export function accessToken(options: LoginOptions = {}): string {
  const { expiresInMs = HOUR_MS, marker = "first" } = options;
  if (expiresInMs === null) return `opaque-access-${marker}`;
  return jwt({ marker, exp: Math.floor((START_MS + expiresInMs) / 1000) });
}

export interface ChatgptLogin {
  readonly auth_mode: "chatgpt";
  readonly OPENAI_API_KEY: null;
  readonly tokens: {
    readonly id_token: string;
    readonly access_token: string;
    readonly refresh_token: string;
    readonly account_id: string | null;
  };
  readonly last_refresh: string;
}

/** An `auth.json` document as Codex writes it. */
export function chatgptLogin(options: LoginOptions = {}): ChatgptLogin {
  const { accountId = "acct-1", refreshToken = "refresh-1", lastRefreshAgoMs = 0 } = options;
  return {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: {
      id_token: idToken(options),
      access_token: accessToken(options),
      refresh_token: refreshToken,
      account_id: accountId,
    },
    last_refresh: new Date(START_MS - lastRefreshAgoMs).toISOString(),
  };
}

export async function writeAuthFile(home: string, document: object | string): Promise<void> {
  await mkdir(home, { recursive: true });
  const text = typeof document === "string" ? document : JSON.stringify(document, null, 2);
  await writeFile(join(home, "auth.json"), text, { mode: 0o600 });
}

/** Connections end with the test, whatever the server does. */
export const testClient = {
  originator: "codex_ts_test",
  userAgent: "codex-ts-test/1",
  dispatcher: new Agent({ keepAliveTimeout: 1, pipelining: 0 }),
};

export function manager(home: string, options: Partial<AuthManagerOptions> = {}): AuthManager {
  return new AuthManager({
    codexHome: home,
    env: {},
    client: testClient,
    ephemeral: new Map(),
    ...options,
  });
}

export function refreshEnv(url: string): Record<string, string> {
  return { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${url}/oauth/token` };
}
