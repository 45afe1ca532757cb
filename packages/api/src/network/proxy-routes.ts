import type { buildConnector, Dispatcher } from "undici";
import { ProxyAgent } from "undici";
import { RequestBuildError } from "../errors.ts";
import type { Connecting, Connector, ConnectionWait } from "./connection-attempts.ts";
import { NO_WAIT } from "./connection-attempts.ts";
import { CONNECT_TIMEOUT_MS, directConnector, makeAgent } from "./default-dispatcher.ts";
import { proxyFailure } from "./proxy-failure.ts";
import { bareHostname, parseProxyUrl, proxyAuthorization } from "./proxy-url.ts";

/** A way to a server. */
export interface Route {
  readonly dispatch: Dispatcher["dispatch"];
  waitFor(origin: string): ConnectionWait;
  /** Waits for requests that are under way. */
  close(): Promise<void>;
  /** Ends connections that are open or on their way. */
  destroy(): Promise<void>;
}

/** Straight to the servers. */
export function directRoute(
  ca: readonly string[] | undefined,
): Route & { readonly agent: Dispatcher } {
  return routeWith(directConnector(authorities(ca)));
}

/**
 * Through a proxy: plain HTTP in absolute form, HTTPS inside a tunnel. Throws `RequestBuildError` when `proxy` is no
 * proxy that can be used.
 */
export function proxyRoute(
  proxy: string,
  scheme: "http:" | "https:",
  ca: readonly string[] | undefined,
): Route {
  const url = parseProxyUrl(proxy);
  if (url.protocol.startsWith("socks")) return socksRoute(url, ca);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new RequestBuildError(`a ${url.protocol} proxy cannot be used: use an http or https one`);
  }
  return scheme === "https:" ? routeWith(tunnelConnector(url, ca)) : forwardRoute(url, ca);
}

function routeWith(connector: Connector): Route & { readonly agent: Dispatcher } {
  const { agent, attempts } = makeAgent(connector);
  return {
    agent,
    dispatch: agent.dispatch.bind(agent),
    waitFor: (origin) => attempts.waitFor(origin),
    close: () => agent.close(),
    destroy: () => {
      attempts.giveUpAll();
      return agent.destroy();
    },
  };
}

/** Requests in absolute form, which the proxy sends on. */
function forwardRoute(proxy: URL, ca: readonly string[] | undefined): Route {
  // Proxies are spoken to in HTTP/1.1, as everybody does.
  const connector = directConnector({ ...authorities(ca), allowH2: false });
  const route = routeWith((target, done) =>
    connector(target, (...[error, socket]) =>
      error === null ? done(null, socket) : done(proxyFailure(proxy, error), null),
    ),
  );
  const authorization = proxyAuthorization(proxy);
  return {
    ...route,
    dispatch: (options, handler) =>
      route.dispatch(
        {
          ...options,
          origin: proxy.origin,
          path: `${String(options.origin)}${options.path}`,
          headers: {
            host: new URL(String(options.origin)).host,
            ...headerRecord(options.headers),
            ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
          },
          // One for all targets, whose host headers undici would take it from and connect anew for each.
          ...(proxy.protocol === "https:" ? { servername: bareHostname(proxy) } : {}),
        },
        handler,
      ),
    waitFor: () => route.waitFor(proxy.origin),
  };
}

/** TLS to the target inside a tunnel; giving up reaches the connection to the proxy. */
function tunnelConnector(proxy: URL, ca: readonly string[] | undefined): Connector {
  const secure = directConnector(authorities(ca));
  return (target, done) => {
    const giveUp = new AbortController();
    let secured: Connecting | undefined;
    const timer = setTimeout(
      () => giveUp.abort(new Error("the proxy did not open a tunnel in time")),
      CONNECT_TIMEOUT_MS,
    );
    const connect = async (): Promise<void> => {
      try {
        // Only now, because loading Node's HTTPS takes a tenth of the package's start.
        const { openTunnel } = await import("./proxy-tunnel.ts");
        const httpSocket = await openTunnel({
          proxy,
          // With the brackets of an IPv6 address, which `hostname` lacks.
          host: new URL(`https://${target.host ?? target.hostname}`).hostname,
          port: Number(target.port) || 443,
          certificateAuthorities: ca,
          signal: giveUp.signal,
        });
        secured = secure({ ...target, httpSocket }, done);
        if (giveUp.signal.aborted) secured.destroy(giveUp.signal.reason as Error);
      } catch (error) {
        done(error as Error, null);
      } finally {
        clearTimeout(timer);
      }
    };
    void connect();
    return {
      destroy: (error) => {
        giveUp.abort(error);
        secured?.destroy(error);
      },
    };
  };
}

/** undici's own; it cannot tell who waits for a connection. */
function socksRoute(proxy: URL, ca: readonly string[] | undefined): Route {
  const agent = new ProxyAgent({
    uri: proxy.href,
    headersTimeout: 0,
    bodyTimeout: 0,
    requestTls: authorities(ca),
  });
  return {
    dispatch: agent.dispatch.bind(agent),
    waitFor: () => NO_WAIT,
    close: () => agent.close(),
    destroy: () => agent.destroy(),
  };
}

function authorities(ca: readonly string[] | undefined): buildConnector.BuildOptions {
  return ca === undefined ? {} : { ca: [...ca] };
}

/** The forms undici takes headers in, as a record. */
function headerRecord(headers: Dispatcher.DispatchOptions["headers"]): Record<string, unknown> {
  if (headers === null || headers === undefined) return {};
  if (Array.isArray(headers)) {
    const pairs = Array.from({ length: headers.length / 2 }, (_, index) => index * 2);
    return Object.fromEntries(pairs.map((at) => [String(headers[at]), headers[at + 1]]));
  }
  return Symbol.iterator in headers ? Object.fromEntries(headers) : { ...headers };
}
