import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as httpRequest } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";

/** A loopback HTTP proxy that forwards and remembers what it was asked. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** `POST http://…` for forwarded requests, `CONNECT host:port` for tunnels. */
  readonly asked: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
  /** Names of the headers of each, as written. */
  readonly headerNames: readonly (readonly string[])[];
}

export async function startProxy(
  options: {
    readonly refuse?: number;
    /** Speak TLS to clients. */
    readonly tls?: { readonly cert: string; readonly key: string };
  } = {},
): Promise<RecordingProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const headerNames: string[][] = [];
  const sockets = new Set<Socket>();
  const note = (request: IncomingMessage): void => {
    asked.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers["proxy-authorization"]);
    headerNames.push(request.rawHeaders.filter((_, at) => at % 2 === 0));
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    note(request);
    const url = new URL(request.url ?? "");
    const forwarded = httpRequest({
      // Whatever the name, the servers of the tests are on this machine.
      host: "127.0.0.1",
      port: url.port,
      path: `${url.pathname}${url.search}`,
      ...(request.method && { method: request.method }),
      headers: request.headers,
    });
    forwarded.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  };
  const server =
    options.tls === undefined
      ? createServer(onRequest)
      : createTlsServer({ ...options.tls, ALPNProtocols: ["h2", "http/1.1"] }, onRequest);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (options.refuse !== undefined) {
      socket.end(`HTTP/1.1 ${options.refuse} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const port = Number(request.url?.split(":").at(-1));
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    sockets.add(target);
    target.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    authorizations,
    headerNames,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
