import { isSecretName } from "../secrets/secret-names.ts";
import type { HttpRequest } from "./exchange.ts";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerText } from "../headers/response-headers.ts";

/** Redirects followed for one attempt, as many as Codex's HTTP library. */
export const MAX_REDIRECTS = 10;

/**
 * The request a redirect asks for, or `undefined` when the response is no redirect that may be followed. 307 and 308
 * repeat method and body; 301, 302 and 303 are followed for GET only, because they would turn a POST into a GET.
 * Credentials, and a `host` header that names this origin, never go to another.
 */
export function redirectedRequest(
  request: HttpRequest,
  status: number,
  headers: ResponseHeaders,
  secretNames: ReadonlySet<string>,
): HttpRequest | undefined {
  const repeatsRequest = status === 307 || status === 308;
  const followable = repeatsRequest || (request.method === "GET" && status >= 301 && status <= 303);
  const location = followable ? headerText(headers, "location") : undefined;
  if (location === undefined) return undefined;
  const url = URL.parse(location, request.url.href);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  if (url.origin === request.url.origin) return { ...request, url };
  const kept = request.headers.filter(
    ([name]) => name !== "host" && !isSecretName(name) && !secretNames.has(name),
  );
  return { ...request, url, headers: kept };
}
