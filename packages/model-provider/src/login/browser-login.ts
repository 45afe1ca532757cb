import { randomBytes } from "node:crypto";
import { calculatePKCECodeChallenge, generateRandomState } from "oauth4webapi";
import type { AccountFacts } from "../auth/auth-snapshot.ts";
import { type CallbackFlow, serveCallback } from "./callback-server.ts";
import { listenForCallback } from "./callback-port.ts";
import { finishLogin } from "./finish-login.ts";
import type { CredentialContext } from "../auth/credential-context.ts";
import {
  type IssuerOptions,
  type OAuthParties,
  exchangeCode,
  exchangeForApiKey,
  oauthParties,
} from "./token-exchange.ts";

const SCOPE = "openid profile email offline_access api.connectors.read api.connectors.invoke";
const VERIFIER_BYTES = 64;
/** The two ports the authorization server knows. */
const CALLBACK_PORTS = [1455, 1457] as const;

/** Options of {@link loginWithBrowser}. */
export interface BrowserLoginOptions extends IssuerOptions {
  /** Opens the page for the user, and prints the URL for those whose browser does not open. */
  readonly onUrl: (url: string) => void | Promise<void>;
  /** Tried in this order. Default 1455, then 1457. */
  readonly ports?: readonly number[] | undefined;
  /** Also trade the login for an API key and store it. Default false: a further long-lived secret nobody here uses. */
  readonly exchangesForApiKey?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Waits until a busy port may be free. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Logs in through the user's browser: authorization code with PKCE, received on a loopback port. Rejects with
 * `LoginError`, or with the signal's reason; then nothing is stored. Source: docs/behavior/model-provider.md 14.1.
 */
export async function loginWithBrowser(
  context: CredentialContext,
  options: BrowserLoginOptions,
): Promise<AccountFacts> {
  const { signal } = options;
  const parties = oauthParties(options);
  const listening = await listenForCallback({
    ports: options.ports ?? CALLBACK_PORTS,
    sleep: options.sleep,
    signal,
  });
  try {
    const redirectUri = `http://localhost:${listening.port}/auth/callback`;
    const codeVerifier = randomBytes(VERIFIER_BYTES).toString("base64url");
    const state = generateRandomState();
    const flow: CallbackFlow<AccountFacts> = {
      parties,
      state,
      async finish(parameters) {
        const grant = { kind: "callback", parameters, redirectUri, codeVerifier } as const;
        const tokens = await exchangeCode(context, parties, grant, signal);
        const apiKey =
          options.exchangesForApiKey === true
            ? await exchangeForApiKey(context, parties, tokens.idToken)
            : undefined;
        return finishLogin(context, tokens, apiKey);
      },
    };
    const finished = serveCallback(listening.server, flow, signal);
    // Handled below; without this an abort while the browser opens would count as unhandled.
    finished.catch(() => {});
    await options.onUrl(await authorizeUrl(context, parties, { redirectUri, codeVerifier, state }));
    return await finished;
  } finally {
    await listening.close();
  }
}

async function authorizeUrl(
  context: CredentialContext,
  { server, client }: OAuthParties,
  flow: { readonly redirectUri: string; readonly codeVerifier: string; readonly state: string },
): Promise<string> {
  const { forcedWorkspaceIds = [] } = context;
  const url = new URL(server.authorization_endpoint ?? "");
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: flow.redirectUri,
    scope: SCOPE,
    code_challenge: await calculatePKCECodeChallenge(flow.codeVerifier),
    code_challenge_method: "S256",
    id_token_add_organizations: "true",
    codex_cli_simplified_flow: "true",
    state: flow.state,
    originator: context.client.originator,
    ...(forcedWorkspaceIds.length > 0
      ? { allowed_workspace_id: forcedWorkspaceIds.join(",") }
      : {}),
  };
  url.search = new URLSearchParams(parameters).toString().replaceAll("+", "%20");
  return url.href;
}
