import { connect } from "node:net";
import type { Socket } from "node:net";
import type { ResponsesServer } from "@codex-ts/responses-server";

/** A client without an HTTP library: shows what is on the wire. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything received so far. */
  text(): string;
  /** Resolves when `isThere` holds for the text received so far. */
  until(isThere: (text: string) => boolean): Promise<string>;
  /** Resolves with the error code of the connection, or `"end"` when it was closed in order. */
  readonly closed: Promise<string>;
}

const POST =
  'POST /v1/responses HTTP/1.1\r\nhost: test\r\ncontent-length: 15\r\n\r\n{"stream":true}';

/** Connects and sends `request`; by default one POST that asks for a stream. */
export function openRawClient(server: ResponsesServer, request: string = POST): RawClient {
  const socket = connect(server.port, server.host);
  let text = "";
  const listeners = new Set<() => void>();
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => {
    text += data;
    for (const listener of listeners) listener();
  });
  let code = "end";
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(code));
  });
  socket.write(request);
  return {
    socket,
    text: () => text,
    closed,
    until: (isThere) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!isThere(text)) return;
          listeners.delete(check);
          resolve(text);
        };
        listeners.add(check);
        check();
      }),
  };
}
