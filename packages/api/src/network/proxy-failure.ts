import { NetworkError } from "../errors.ts";
import { networkError } from "../http/http-error.ts";

/** The error of a connection to a proxy: without the name of the proxy, people look for the mistake at the server. */
export function proxyFailure(proxy: URL, error: Error): Error {
  // Nobody waits any more.
  if (error.name === "AbortError") return error;
  const { detail, reason } = networkError(error);
  return new NetworkError(`the proxy cannot be used: ${detail}; ${proxyAdvice(proxy)}`, {
    reason: reason === "certificate" ? reason : "proxy",
    cause: error,
  });
}

/** Where to look. The URL is shown without its user and password. */
export function proxyAdvice({ protocol, host }: URL): string {
  return `check ${protocol}//${host} in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or name the server in NO_PROXY`;
}
