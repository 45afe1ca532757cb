import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import tls from "node:tls";

export interface TunnelOptions {
  /** Proxy URL, `http:` or `https:`; user and password are sent to it. */
  readonly proxy: URL;
  /** Where the tunnel leads. */
  readonly host: string;
  readonly port: number;
  /** TLS inside the tunnel; `undefined` for a plain connection. */
  readonly tls:
    | { readonly servername: string; readonly ca: readonly string[] | undefined }
    | undefined;
  readonly signal: AbortSignal;
}

/** Opens a connection through `CONNECT host:port`. Rejects when the proxy refuses or the signal aborts. */
export async function openTunnel(options: TunnelOptions): Promise<Socket> {
  const socket = await connectToProxy(options);
  return options.tls === undefined ? socket : secure(socket, options.tls);
}

function connectToProxy({ proxy, host, port, tls: inner, signal }: TunnelOptions): Promise<Socket> {
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw new Error(`a ${proxy.protocol} proxy cannot carry a WebSocket: use an http or https one`);
  }
  const target = `${host}:${port}`;
  const request = (proxy.protocol === "https:" ? https : http).request({
    host: proxy.hostname.replace(/^\[(.+)\]$/, "$1"),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    agent: false,
    signal,
    ...(inner?.ca === undefined ? {} : { ca: [...inner.ca] }),
  });
  return new Promise((resolve, reject) => {
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new Error(`the proxy answered CONNECT with status ${response.statusCode}`));
    });
    request.once("response", (response) => {
      response.destroy();
      reject(new Error(`the proxy answered CONNECT with status ${response.statusCode}`));
    });
    request.once("error", reject);
    request.end();
  });
}

function secure(socket: Socket, options: NonNullable<TunnelOptions["tls"]>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      servername: options.servername,
      ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
    });
    secured.once("secureConnect", () => {
      secured.off("error", reject);
      resolve(secured);
    });
    secured.once("error", reject);
  });
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "" && proxy.password === "") return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
