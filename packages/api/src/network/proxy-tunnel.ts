import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import tls from "node:tls";
import { NetworkError, ProxyAuthenticationError } from "../errors.ts";
import { proxyAdvice, proxyFailure } from "./proxy-failure.ts";
import { bareHostname, proxyAuthorization } from "./proxy-url.ts";

export interface TunnelOptions {
  /** Proxy URL, `http:` or `https:`; user and password are sent to it. */
  readonly proxy: URL;
  /** Where the tunnel leads, as in a URL: an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number;
  /** For TLS to the proxy and within the tunnel; `undefined` for Node's own. */
  readonly certificateAuthorities: readonly string[] | undefined;
  /** Aborting closes the connection at once, in any state. Without effect on a tunnel that is open. */
  readonly signal: AbortSignal;
}

/**
 * Opens a connection through `CONNECT host:port`. Rejects when the proxy refuses or the signal aborts, with a
 * `ProxyAuthenticationError` when it wants another user and password.
 */
export function openTunnel(options: TunnelOptions): Promise<Socket> {
  const { proxy, host, port, certificateAuthorities: ca, signal } = options;
  const target = `${host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  const request = (proxy.protocol === "https:" ? https : http).request({
    host: bareHostname(proxy),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: target,
    headers: {
      host: target,
      ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
    },
    agent: false,
    signal,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  // Node would announce that the connection ends with the answer; Codex says nothing about it.
  request.removeHeader("connection");
  return new Promise((resolve, reject) => {
    const refuse = (status: number | undefined): void =>
      reject(
        status === 407
          ? new ProxyAuthenticationError({ hadCredentials: authorization !== undefined })
          : new NetworkError(
              `the proxy refused CONNECT with status ${status}; ${proxyAdvice(proxy)}`,
              { reason: "proxy" },
            ),
      );
    // A server behind the tunnel waits for the client to speak first, so that no bytes come with the response.
    request.once("connect", (response, socket: Socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        refuse(response.statusCode);
        return;
      }
      resolve(socket);
    });
    request.once("response", (response) => {
      response.destroy();
      refuse(response.statusCode);
    });
    request.once("error", (error) => reject(proxyFailure(proxy, error)));
    request.end();
  });
}

/** The same with TLS to the target inside. */
export async function openSecureTunnel(options: TunnelOptions): Promise<Socket> {
  const tunnel = await openTunnel(options);
  const host = bareHostname({ hostname: options.host });
  const { certificateAuthorities: ca, signal } = options;
  const socket = tls.connect({
    socket: tunnel,
    // For the certificate; an address is no name to ask for.
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  const drop = (): void => void socket.destroy(new Error("nobody waits for this connection"));
  signal.addEventListener("abort", drop, { once: true });
  if (signal.aborted) drop();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } finally {
    signal.removeEventListener("abort", drop);
  }
}
