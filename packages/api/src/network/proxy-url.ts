import { RequestBuildError } from "../errors.ts";
import { percentDecoded } from "../internal/percent-decoded.ts";

/** A proxy as the environment names it. Throws `RequestBuildError`, which does not repeat it: it may hold a password. */
export function parseProxyUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === "") {
    throw new RequestBuildError(
      "a proxy variable of the environment holds no URL: write http://host:port, with special characters of the password percent-encoded",
    );
  }
  return url;
}

/** Value of `proxy-authorization` for the user and password in a proxy's URL; `undefined` when there are none. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** The host to connect to: an IPv6 address without its brackets. */
export function bareHostname({ hostname }: Pick<URL, "hostname">): string {
  return hostname.replace(/^\[(.+)\]$/, "$1");
}
