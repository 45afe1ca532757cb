import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

/** A TCP server that hands every connection to a function; for peers that break the protocol below HTTP. */
export async function startRawServer(
  onConnection: (socket: Socket, index: number) => void,
  /** Keeps a connection until the server ends it, as HTTP servers do. */
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<{ url: string; connections: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    running.connections += 1;
    onConnection(socket, running.connections - 1);
  });
  const running = {
    url: "",
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  running.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return running;
}

/** A refusal whose page goes on for as long as the peer reads it. */
export function refuseEndlessly(socket: Socket): void {
  socket.write("HTTP/1.1 403 Forbidden\r\n\r\n");
  const page = Buffer.alloc(64 * 1024, "x");
  const write = (): void => {
    while (!socket.destroyed && socket.write(page));
  };
  socket.on("drain", write);
  write();
}
