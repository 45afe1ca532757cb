import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";

/** One client connection and everything it received. */
export interface WsClient {
  readonly socket: WebSocket;
  readonly handshakeHeaders: IncomingHttpHeaders;
  readonly texts: string[];
  readonly binaries: Buffer[];
  readonly pings: string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(frame: unknown): void;
  /** Resolves when `count` text frames are there. */
  untilTexts(count: number): Promise<string[]>;
}

export function websocketUrl(server: ResponsesServer, path = "/responses"): string {
  return server.url.replace("http", "ws") + path;
}

/** Opens a connection; rejects with an error that says the status when it is refused. */
export async function openWsClient(
  server: ResponsesServer,
  options: ClientOptions = {},
): Promise<WsClient> {
  const socket = new WebSocket(websocketUrl(server), options);
  let handshakeHeaders: IncomingHttpHeaders = {};
  socket.on("upgrade", (response) => {
    handshakeHeaders = response.headers;
  });
  const texts: string[] = [];
  const binaries: Buffer[] = [];
  const pings: string[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) binaries.push(data);
    else texts.push(data.toString("utf8"));
    socket.emit("recorded");
  });
  socket.on("ping", (data) => pings.push(data.toString("utf8")));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
  });
  await once(socket, "open");
  socket.on("error", () => {});
  return {
    socket,
    handshakeHeaders,
    texts,
    binaries,
    pings,
    closed,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    untilTexts: async (count) => {
      while (texts.length < count) await once(socket, "recorded");
      return texts;
    },
  };
}

/** Opens a connection that is expected to be refused, and returns the answer. */
export async function refusedUpgrade(
  server: ResponsesServer,
  path = "/responses",
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const socket = new WebSocket(websocketUrl(server, path));
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
