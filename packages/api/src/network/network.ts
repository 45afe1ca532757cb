import type { Dispatcher } from "undici";
import { ProxyAgent } from "undici";
import type { RequestBuildError } from "../errors.ts";
import { ApiError } from "../errors.ts";
import { makeAgent } from "../http/default-dispatcher.ts";
import { readCertificateAuthorities } from "./custom-ca.ts";
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
 * dispatcher closes the direct connections and those through proxies.
 */
export function networkFromEnvironment(env: Environment): Network {
  const proxies = readProxySettings(env);
  const proxyFor = (url: URL): string | undefined => proxyForUrl(proxies, url);
  const { certificateAuthorities, certificateProblem } = authorities(env);
  const ca = certificateAuthorities === undefined ? {} : { ca: [...certificateAuthorities] };
  const { agent: direct, attempts } = makeAgent(ca);
  const agents = new Map<string, ProxyAgent>();
  const agentFor = (proxy: string): ProxyAgent => {
    const known = agents.get(proxy);
    if (known !== undefined) return known;
    const agent = new ProxyAgent({ ...noTimeouts, uri: proxy, requestTls: ca, proxyTls: ca });
    agents.set(proxy, agent);
    return agent;
  };
  const dispatcher = direct.compose((dispatch) => (options, handler) => {
    const proxy = proxyFor(new URL(String(options.origin)));
    return proxy === undefined
      ? dispatch(options, handler)
      : agentFor(proxy).dispatch(options, handler);
  });
  const closing = closingAlso(dispatcher, () => [...agents.values()]);
  attempts.belongsTo(closing);
  return {
    dispatcher: closing,
    proxyFor,
    certificateAuthorities,
    certificateProblem,
  };
}

const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 } as const;

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

/** A dispatcher whose `close` and `destroy` reach others too. */
function closingAlso(dispatcher: Dispatcher, others: () => Dispatcher[]): Dispatcher {
  return new Proxy(dispatcher, {
    get(target, property) {
      if (property === "close") {
        return () => Promise.all([target.close(), ...others().map((other) => other.close())]);
      }
      if (property === "destroy") {
        return () => Promise.all([target.destroy(), ...others().map((other) => other.destroy())]);
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
