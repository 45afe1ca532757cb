import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { startRawServer } from "./raw-server.ts";

const KEY_PATTERN = /sec-websocket-key: (.*)\r/i;

/** A server that agrees to every WebSocket, writes `more` in the same packet, and then says nothing, not even pongs. */
export async function startMuteWebSocketServer(
  more: Buffer = Buffer.alloc(0),
  options: { readonly allowHalfOpen?: boolean } = {},
) {
  const sockets: Socket[] = [];
  const greet = (socket: Socket): void => {
    sockets.push(socket);
    socket.once("data", (head: Buffer) => {
      const key = KEY_PATTERN.exec(head.toString("latin1"))?.[1] ?? "";
      const accept = createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      const answer = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(answer), more]));
      socket.resume();
    });
  };
  const server = await startRawServer(greet, options);
  return Object.assign(server, { sockets });
}

/** A close frame as servers send it. */
export function closeFrame(code: number, reason = ""): Buffer {
  const text = Buffer.from(reason);
  return Buffer.concat([Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]), text]);
}

/** A long text as servers send it. */
export function textFrame(text: string): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(Buffer.byteLength(text)), 2);
  return Buffer.concat([head, Buffer.from(text)]);
}
