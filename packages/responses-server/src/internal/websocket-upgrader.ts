import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { Handshake } from "../script/handshake.ts";
import type { HeaderPair } from "../received-request.ts";
import { ConnectionRecord } from "./connection-record.ts";
import type { HandshakeBook } from "./handshake-book.ts";
import { defaultHandshakeId } from "./default-ids.ts";
import { playPauses } from "./play.ts";
import { addHeader, flattenHeaders, headerLines, statusLine } from "./reply-head.ts";
import { errorText, recordUnexpected } from "./server-context.ts";
import type { ServerContext } from "./server-context.ts";
import { disconnectSocket, resetSocket } from "./socket-faults.ts";

/** Takes an accepted connection over. */
export type OnConnection = (
  connection: ConnectionRecord,
  webSocket: WebSocket,
  socket: Socket,
) => void;

/** Accepts and refuses WebSocket upgrades by script. */
export class WebSocketUpgrader {
  readonly #context: ServerContext;
  readonly #book: HandshakeBook;
  readonly #onConnection: OnConnection;
  readonly #responseHeaders = new WeakMap<IncomingMessage, readonly HeaderPair[]>();
  readonly #plain: WebSocketServer;
  readonly #deflating: WebSocketServer;

  constructor(context: ServerContext, book: HandshakeBook, onConnection: OnConnection) {
    this.#context = context;
    this.#book = book;
    this.#onConnection = onConnection;
    this.#plain = this.#createAccepter(false);
    this.#deflating = this.#createAccepter(true);
  }

  /** Plays one handshake. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { connections, watch } = this.#context;
    const connection = new ConnectionRecord(connections.length, request, socket);
    connections.push(connection);
    const gone = new AbortController();
    socket.on("error", () => {});
    socket.once("close", () => {
      connection.state = "closed";
      gone.abort("client-gone");
      watch.changed();
    });
    watch.changed();
    const handshake = this.#book.take(connection.path);
    try {
      if (!handshake) this.#refuseUnknownPath(connection, socket);
      else await this.#play(handshake, connection, { request, socket, head, gone: gone.signal });
    } catch (error) {
      const reason = `handshake of connection ${connection.index + 1}: ${errorText(error)}`;
      recordUnexpected(this.#context, undefined, reason);
      socket.destroy();
    }
    watch.changed();
  }

  async #play(
    handshake: Handshake,
    connection: ConnectionRecord,
    upgrade: {
      readonly request: IncomingMessage;
      readonly socket: Socket;
      readonly head: Buffer;
      readonly gone: AbortSignal;
    },
  ): Promise<void> {
    const { request, socket, head, gone } = upgrade;
    const transport = {
      flush: () => undefined,
      reset: () => resetSocket(socket),
      disconnect: () => disconnectSocket(socket),
    };
    const stop = AbortSignal.any([gone, this.#context.closing]);
    const { gates } = this.#context;
    const pauses = { transport, gates, stop };
    const unwatch = closeWhenClientLeaves(socket);
    const outcome = await playPauses(handshake.beforeStatus ?? [], pauses).finally(unwatch);
    if (outcome) return;
    const headers = flattenHeaders(handshake.headers ?? {});
    const requestId = defaultHandshakeId(connection.index);
    addHeader(headers, "x-request-id", handshake.requestId, requestId);
    connection.responseHeaders = headers;
    const status = handshake.status ?? 101;
    if (status !== 101) {
      refuse(connection, socket, { status, headers, body: handshake.body });
      return;
    }
    this.#responseHeaders.set(request, headers);
    const accepter = handshake.permessageDeflate === "accept" ? this.#deflating : this.#plain;
    accepter.handleUpgrade(request, socket, head, (webSocket) => {
      connection.opened(webSocket);
      this.#onConnection(connection, webSocket, socket);
    });
  }

  #refuseUnknownPath(connection: ConnectionRecord, socket: Socket): void {
    const reason = this.#book.unscriptedReason(connection.path);
    recordUnexpected(this.#context, undefined, reason);
    const body = { error: { message: reason, code: "unscripted_request" } };
    refuse(connection, socket, { status: 404, headers: [], body });
  }

  #createAccepter(perMessageDeflate: boolean): WebSocketServer {
    const accepter = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: this.#context.maxRequestBytes,
      perMessageDeflate,
    });
    accepter.on("headers", (lines, request) => {
      const headers = this.#responseHeaders.get(request) ?? [];
      lines.push(...headers.map(([name, value]) => `${name}: ${value}`));
    });
    accepter.on("wsClientError", (error, socket) => {
      recordUnexpected(this.#context, undefined, `upgrade that is no WebSocket: ${error.message}`);
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    });
    return accepter;
  }
}

/**
 * Nobody reads the socket between the request and the response, and an unread socket does not notice that its peer is
 * gone. Reads no data away: frames that came early stay for the connection.
 */
function closeWhenClientLeaves(socket: Socket): () => void {
  const onReadable = (): void => {
    if (socket.readableLength === 0) socket.read();
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on("readable", onReadable);
  socket.once("end", onEnd);
  return () => {
    socket.off("readable", onReadable);
    socket.off("end", onEnd);
  };
}

function refuse(
  connection: ConnectionRecord,
  socket: Socket,
  response: {
    readonly status: number;
    readonly headers: readonly HeaderPair[];
    readonly body: Handshake["body"];
  },
): void {
  const { status, body = { error: { message: `scripted status ${status}` } } } = response;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const ownNames = new Set(response.headers.map(([name]) => name.toLowerCase()));
  const defaults: HeaderPair[] = [
    ["content-type", typeof body === "string" ? "text/plain; charset=utf-8" : "application/json"],
    ["content-length", String(Buffer.byteLength(text))],
    ["connection", "close"],
  ];
  const headers = [...response.headers, ...defaults.filter(([name]) => !ownNames.has(name))];
  connection.status = status;
  connection.responseHeaders = headers;
  socket.end(`${statusLine(status)}${headerLines(headers)}\r\n${text}`);
}
