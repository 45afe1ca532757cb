import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** A server that remembers requests as they were written and answers all of them alike. */
export interface HeadRecorder extends AsyncDisposable {
  readonly url: string;
  /** `name: value` of every header, in order. */
  readonly heads: readonly (readonly string[])[];
  readonly bodies: readonly string[];
  /** Names clients asked for in TLS, connection by connection. */
  readonly serverNames: readonly (string | undefined)[];
  /** Connections accepted. */
  readonly connections: number;
  /** Those that are open. */
  readonly open: number;
}

export async function startHeadRecorder(
  answer: string,
  tls?: { readonly cert: string; readonly key: string },
): Promise<HeadRecorder> {
  const heads: string[][] = [];
  const bodies: string[] = [];
  const serverNames: (string | undefined)[] = [];
  let connections = 0;
  let open = 0;
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { rawHeaders } = request;
    heads.push(
      rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [])),
    );
    bodies.push(Buffer.concat(await request.toArray()).toString("utf8"));
    response.setHeader("content-length", Buffer.byteLength(answer));
    response.end(answer);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void onRequest(request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket | TLSSocket) => {
    if ("servername" in socket) serverNames.push(socket.servername || undefined);
    connections += 1;
    open += 1;
    socket.on("close", () => {
      open -= 1;
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const scheme = tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    heads,
    bodies,
    serverNames,
    get connections() {
      return connections;
    },
    get open() {
      return open;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
