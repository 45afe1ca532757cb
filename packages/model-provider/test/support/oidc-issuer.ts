import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { fetch } from "undici";
import { testClient } from "./logins.ts";

const CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann";
const AUTH_CLAIM = "https://api.openai.com/auth";

export interface OidcIssuer extends AsyncDisposable {
  readonly url: string;
}

/** A real OpenID provider on loopback that knows Codex's client and lets everybody in. */
export async function startOidcIssuer(): Promise<OidcIssuer> {
  const server = createServer();
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT_ID,
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        // Native clients may use any port of a loopback address.
        redirect_uris: ["http://localhost/auth/callback"],
      },
    ],
    routes: { authorization: "/oauth/authorize", token: "/oauth/token" },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    conformIdTokenClaims: false,
    claims: { openid: ["sub", AUTH_CLAIM], email: ["email"], profile: [] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        [AUTH_CLAIM]: { chatgpt_account_id: "acct-oidc", chatgpt_plan_type: "pro" },
      }),
    }),
    cookies: { keys: ["test"] },
    ttl: {
      AccessToken: 3600,
      IdToken: 3600,
      Interaction: 60,
      Session: 60,
      Grant: 60,
      RefreshToken: 3600,
    },
  });
  server.on("request", provider.callback() as never);
  return {
    url,
    async [Symbol.asyncDispose]() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A browser for one user: keeps cookies, logs in as `user`, agrees to everything, stops at `untilPath`. */
export async function browse(start: string, user: string, untilPath: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step += 1) {
    if (url.pathname === untilPath) return url.href;
    const answer = await fetch(url, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      dispatcher: testClient.dispatcher,
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { body: form }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split("=");
      cookies.set(name, value);
    }
    const page = await answer.text();
    const location = answer.headers.get("location");
    if (location === null) {
      // A page of the provider: a login form or a consent form, both posted to their own address.
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      if (prompt === undefined)
        throw new Error(`unexpected page at ${url.pathname}: ${answer.status}`);
      form = new URLSearchParams({ prompt, login: user, password: "x" });
    } else {
      form = undefined;
      url = new URL(location, url);
    }
  }
  throw new Error("the login did not come to an end");
}
