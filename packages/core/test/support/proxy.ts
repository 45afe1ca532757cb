import { createServer, request as send } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";

/** A loopback HTTP proxy that forwards, tunnels and remembers what it was asked. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** `POST http://…` for forwarded requests, `CONNECT host:port` for tunnels. */
  readonly asked: readonly string[];
}

export async function startProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { method = "GET", headers } = request;
    const forwarded = send(new URL(request.url ?? ""), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  server.on("connection", keep);
  server.on("connect", (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const target = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    keep(target);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
