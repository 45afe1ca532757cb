import { createHash } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { Reply } from "./fields.ts";

/** A server, or a proxy, that answers every request with the same reply and keeps what it was sent. */
export interface EchoServer extends AsyncDisposable {
  readonly port: number;
  /** Heads and bodies as they came. */
  readonly received: () => string;
  reply: Reply;
}

export async function startEchoServer(): Promise<EchoServer> {
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let head = "";
    let isAnswered = false;
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (isAnswered) return;
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      const length = /^content-length: (\d+)/im.exec(head)?.[1] ?? "0";
      if (end < 0 || head.length < end + 4 + Number(length)) return;
      if ("bytes" in running.reply && running.reply.opensTunnel && head.startsWith("CONNECT")) {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        head = "";
        return;
      }
      isAnswered = true;
      answer(socket, head, running.reply);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const running: EchoServer = {
    port: (server.address() as AddressInfo).port,
    reply: { bytes: "" },
    received: () => Buffer.concat(chunks).toString("latin1"),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return running;
}

function answer(socket: Socket, head: string, reply: Reply): void {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1];
  if ("bytes" in reply) socket.end(reply.bytes);
  else if (key === undefined) socket.end("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
  else upgrade(socket, key, reply);
}

/** Opens a WebSocket, and speaks when the first message is there. */
function upgrade(socket: Socket, key: string, reply: Exclude<Reply, { bytes: string }>): void {
  const accept = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n${reply.handshakeHeaders ?? ""}\r\n`,
  );
  socket.once("data", () => {
    for (const message of reply.messages ?? []) socket.write(frame(0x81, Buffer.from(message)));
    if (reply.close === undefined) return;
    const reason = Buffer.from(reply.close).subarray(0, 123);
    socket.write(frame(0x88, Buffer.concat([Buffer.from([0x03, 0xf3]), reason])));
  });
}

function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head[0] = opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([opcode, payload.length]), payload]);
  head[1] = 126;
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
