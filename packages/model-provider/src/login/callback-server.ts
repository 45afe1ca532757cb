import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { SecretSet } from "@codex-ts/api/internal";
import { AuthorizationResponseError, validateAuthResponse } from "oauth4webapi";
import { scrubForeignText } from "../internal/scrub.ts";
import { LoginError } from "./login-error.ts";
import { loginPage } from "./pages.ts";
import type { OAuthParties } from "./token-exchange.ts";

/** How long the browser may take to fetch the last page before the server closes. */
const SUCCESS_PAGE_WAIT_MS = 2_000;

/** One login waiting for its callback. */
export interface CallbackFlow<T> {
  readonly parties: OAuthParties;
  /** The value the callback has to bring back. */
  readonly state: string;
  /** Completes the login; `parameters` have been checked by the OAuth library. */
  readonly finish: (parameters: URLSearchParams) => Promise<T>;
}

/**
 * Serves requests until one ends the login: a callback with the right state, or `/cancel`. A callback with another
 * state is refused and changes nothing. No page and no redirect holds a secret.
 */
export async function serveCallback<T>(
  server: Server,
  flow: CallbackFlow<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const outcome = Promise.withResolvers<T>();
  const shown = Promise.withResolvers<void>();
  const onAbort = () => outcome.reject(signal?.reason as Error);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  let isFinishing = false;

  const onCallback = async (url: URL, response: ServerResponse): Promise<void> => {
    if (isFinishing || !isSame(url.searchParams.get("state") ?? "", flow.state)) {
      sendPage(
        response,
        400,
        loginPage("State mismatch", "This page does not belong to the running login."),
      );
      return;
    }
    isFinishing = true;
    try {
      const result = await flow.finish(checkCallback(flow, url));
      response.writeHead(302, { location: "/success" }).end();
      outcome.resolve(result);
    } catch (error) {
      const message = LoginError.is(error) ? error.message : "the login could not be completed";
      sendPage(response, 200, loginPage("Login failed", message));
      response.once("close", shown.resolve);
      outcome.reject(error);
    }
  };

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // Any page of the web can make the browser ask for anything here, also for what is no address (`//`).
    const url = URL.parse(request.url ?? "/", "http://localhost");
    if (url === null) {
      sendPage(response, 404, loginPage("Not found", "There is nothing here."));
    } else if (url.pathname === "/auth/callback") {
      void onCallback(url, response);
    } else if (url.pathname === "/success" && isFinishing) {
      response.once("close", shown.resolve);
      response.setHeader("connection", "close");
      sendPage(
        response,
        200,
        loginPage("Logged in", "You can close this page and return to the terminal."),
      );
    } else if (url.pathname === "/cancel") {
      response.once("close", () => outcome.reject(new LoginError("cancelled", "login cancelled")));
      sendPage(response, 200, loginPage("Login cancelled", "The login was cancelled."));
    } else {
      sendPage(response, 404, loginPage("Not found", "There is nothing here."));
    }
  });

  try {
    return await outcome.promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (isFinishing) await waitBriefly(shown.promise);
  }
}

/** The OAuth library judges the parameters; its errors become ours. */
function checkCallback<T>({ parties, state }: CallbackFlow<T>, url: URL): URLSearchParams {
  try {
    const parameters = validateAuthResponse(parties.server, parties.client, url, state);
    if (parameters.has("code")) return parameters;
  } catch (error) {
    if (error instanceof AuthorizationResponseError) throw refusedBy(error, state);
    throw new LoginError("exchange_failed", "the authorization server's response is not valid");
  }
  throw new LoginError(
    "exchange_failed",
    "the authorization server sent no authorization code; the login could not be completed",
  );
}

function refusedBy(
  { error, error_description: description = "" }: AuthorizationResponseError,
  state: string,
): LoginError {
  if (error === "access_denied" && /missing_codex_entitlement/i.test(description)) {
    return new LoginError(
      "denied",
      "Codex is not enabled for your workspace; ask its administrator for access",
    );
  }
  const reason = scrubForeignText(description === "" ? error : description, new SecretSet([state]));
  return new LoginError("denied", `sign-in failed: ${reason}`);
}

/** In constant time: how much of a guess was right must not show. */
function isSame(actual: string, expected: string): boolean {
  const [left, right] = [Buffer.from(actual), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
  });
  response.end(page);
}

async function waitBriefly(promise: Promise<void>): Promise<void> {
  const { promise: tooLong, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SUCCESS_PAGE_WAIT_MS);
  await Promise.race([promise, tooLong]);
  clearTimeout(timer);
}
