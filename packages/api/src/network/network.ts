import type { Dispatcher } from "undici";
import type { RequestBuildError } from "../errors.ts";
import { ApiError } from "../errors.ts";
import { connectsThrough } from "./connection-attempts.ts";
import { choosesProxies } from "./proxy-credentials.ts";
import { readCertificateAuthorities } from "./custom-ca.ts";
import type { Route } from "./proxy-routes.ts";
import { directRoute, proxyRoute } from "./proxy-routes.ts";
import type { Environment } from "./proxy-settings.ts";
import { proxyForUrl, readProxySettings } from "./proxy-settings.ts";

/** How this machine reaches the network. Make one per process and pass it to every client. */
export interface Network {
  /** Carries HTTP requests: pooled, through proxies where the environment asks for it, trusting the custom authorities. */
  readonly dispatcher: Dispatcher;
  /** Proxy URL for a WebSocket or HTTP URL; `undefined` for a direct connection. May hold credentials. */
  readonly proxyFor: (url: URL) => string | undefined;
  /** For the `ca` option of TLS; `undefined` for Node's own. */
  readonly certificateAuthorities: readonly string[] | undefined;
  /**
   * Set when the environment names a certificate bundle that is not usable. HTTP goes on with Node's own authorities
   * (show the error as a warning), WebSocket connections fail.
   */
  readonly certificateProblem: RequestBuildError | undefined;
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `CODEX_CA_CERTIFICATE` and `SSL_CERT_FILE`. Closing the
 * dispatcher closes the direct connections and those through proxies; destroying it also those on their way.
 */
export function networkFromEnvironment(env: Environment): Network {
  const proxies = readProxySettings(env);
  const proxyFor = (url: URL): string | undefined => proxyForUrl(proxies, url);
  const { certificateAuthorities, certificateProblem } = authorities(env);
  const direct = directRoute(certificateAuthorities);
  const throughProxies = new Map<string, Route>();
  const routeFor = (origin: string): Route => {
    const url = new URL(origin);
    const proxy = proxyFor(url);
    if (proxy === undefined) return direct;
    const scheme = url.protocol === "https:" ? "https:" : "http:";
    const key = `${scheme} ${proxy}`;
    const route = throughProxies.get(key) ?? proxyRoute(proxy, scheme, certificateAuthorities);
    throughProxies.set(key, route);
    return route;
  };
  const composed = direct.agent.compose(
    () => (options, handler) => routeFor(String(options.origin)).dispatch(options, handler),
  );
  const dispatcher = endingAll(composed, () => [direct, ...throughProxies.values()]);
  choosesProxies(dispatcher, proxyFor);
  connectsThrough(dispatcher, { waitFor: (origin) => routeFor(origin).waitFor(origin) });
  return { dispatcher, proxyFor, certificateAuthorities, certificateProblem };
}

function authorities(
  env: Environment,
): Pick<Network, "certificateAuthorities" | "certificateProblem"> {
  try {
    return {
      certificateAuthorities: readCertificateAuthorities(env),
      certificateProblem: undefined,
    };
  } catch (error) {
    if (!ApiError.is(error) || error.code !== "request_build") throw error;
    return { certificateAuthorities: undefined, certificateProblem: error };
  }
}

/** A dispatcher whose `close` and `destroy` reach every route. */
function endingAll(dispatcher: Dispatcher, routes: () => readonly Route[]): Dispatcher {
  const ends = {
    close: () => Promise.all(routes().map((route) => route.close())),
    destroy: () => Promise.all(routes().map((route) => route.destroy())),
  };
  return new Proxy(dispatcher, {
    get(target, property) {
      if (property === "close" || property === "destroy") return ends[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
